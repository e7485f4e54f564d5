import threading
import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server
from sync.admin.mapping.test_mapping import local_org, draft, rule  # noqa
from sync.errands import do_slice


def test_shots(world, browser):
    a = world.account("Acme Industrial Holdings", Owed_Words__c="ask Dana")
    c = world.customer(a, name="Acme")
    world.invoice(c, due_in_days=-3)
    b = world.account("Bolt & Sons")
    cb = world.customer(b, name="Bolt")
    world.invoice(cb, 12_345, due_in_days=10)
    world.invoice(cb, 9_900, due_in_days=5, currency="eur")
    d = world.account("Clear <b>Water</b>")
    cd = world.customer(d, name="Clear")
    i = world.invoice(cd)
    world.act("pay_invoice", invoice=i)
    world.settle()
    server = make_server("127.0.0.1", 0, world.client.application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.port}/admin"
    finance = browser("finance")

    with sync_playwright() as p:
        br = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        ctx = br.new_context(user_agent="Test browser", bypass_csp=True)
        cookie = finance.client.get_cookie(finance.signer.config["SESSION_COOKIE_NAME"], path="/admin")
        ctx.add_cookies([{"name": cookie.key, "value": cookie.value, "domain": "127.0.0.1", "path": "/admin"}])
        page = ctx.new_page()
        errs = []
        page.on("console", lambda m: errs.append(m.text) if m.type in ("error", "warning") else None)

        def shot(name, path=None):
            for w in (1280, 375):
                page.set_viewport_size({"width": w, "height": 900})
                if path is not None and w == 1280:
                    page.goto(base + path)
                page.add_script_tag(path="/work/main/node_modules/axe-core/axe.min.js")
                for v in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
                    print("AXE", name, w, v["id"], v["impact"], [n["html"][:150] for n in v["nodes"]][:3])
                page.screenshot(path=f"/tmp/ms/{name}-{w}.png", full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > w:
                    print("TOO WIDE", name, w, wide)

        shot("page0", "/mapping/")
        shot("figures", "/mapping/account/figures")
        shot("fields", "/mapping/account/fields?figure=AR_Status__c")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(base + rule("AR_Status__c", "Light__c"))
        page.screenshot(path="/tmp/ms/debug.png")
        print("URL", page.url)
        page.select_option("#value_0", "Green")
        page.select_option("#value_1", "Green")
        page.select_option("#value_3", "Red")
        page.wait_for_timeout(800)
        shot("rule")
        page.click("label[for=way-2]")
        page.wait_for_timeout(800)
        shot("rule2")
        page.click("label[for=way-1]")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.click("text=Put into the draft")
        page.goto(base + rule("AR_Overdue_Amount__c", "Owed_Words__c"))
        shot("rule3")
        page.click("text=Put into the draft")
        draft(finance, "AR_Outstanding__c", "Owed__c")
        draft(finance, "Balance__c", "Still_Owed__c", kind="invoice", way="text")
        finance.post("/mapping/account/remove", {"field": "AR_On_Hold__c"})
        finance.post("/mapping/task/switch", {"on": "no"})
        shot("page1", "/mapping/")
        shot("preview", "/mapping/preview?q=a")
        page.goto(base + "/mapping/preview")
        page.fill("#note", "Sales asked for it")
        page.click("text=Save and use it")
        shot("saved")
        while do_slice(world.run, lambda: True):
            pass
        world.settle()
        shot("page2", "/mapping/")
        shot("versions", "/mapping/versions")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.click("text=Bring back the mapping as it came")
        shot("undo")
        world.fault("down", times=None) if False else None
        br.close()
        print("CONSOLE", errs)
    server.shutdown()
