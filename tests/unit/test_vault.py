"""Secrets are sealed with a key that outlives processes, and can be rotated."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from sync.vault import Vault, VaultError


def test_sealed_and_opened(tmp_path):
    sealed = Vault.of(None, tmp_path).seal("sk_live_1")
    assert b"sk_live_1" not in sealed
    assert Vault.of(None, tmp_path).open(sealed) == "sk_live_1"


def test_a_made_key_is_nobody_elses_and_the_same_for_all(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Vault.of(None, tmp_path / "new").web_key, range(32)))
    assert len(keys) == 1
    [file] = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_keys_are_rotated_newest_first(tmp_path):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Vault.of(old, tmp_path).seal("x")
    assert Vault.of(f"{new}, {old}", tmp_path).open(sealed) == "x"
    with pytest.raises(VaultError, match="enter it again"):
        Vault.of(new, tmp_path).open(sealed)


def test_a_malformed_key_says_how_to_make_one(tmp_path):
    with pytest.raises(VaultError, match=r"DUELINE_SECRET_KEY.*Fernet"):
        Vault.of("secret", tmp_path)


def test_the_key_of_cookies_is_another(tmp_path):
    key = Fernet.generate_key().decode()
    assert key.encode() not in Vault.of(key, tmp_path).web_key
