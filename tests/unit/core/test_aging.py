"""The two directions of aging say the same: the bucket of a due date, and the due dates of a bucket."""

from datetime import date, timedelta

from sync.core.aging import Bucket, bucket, due_between

TODAY = date(2026, 3, 15)


def test_every_due_date_lies_within_the_ends_of_its_bucket_and_of_no_other():
    for late in range(-40, 140):
        due_on = TODAY - timedelta(days=late)
        within = []
        for name in Bucket:
            first, last = due_between(name, TODAY)
            if (first is None or first <= due_on) and (last is None or due_on <= last):
                within.append(name)
        assert within == [bucket(due_on, TODAY)], late
