"""An event's data after the deletion of its number."""

import json

from ringpass.events.model import erased


def test_what_identifies_a_person_is_removed_and_nothing_else() -> None:
    delivery = {
        "id": "dlv_1",
        "phone": "+84******371",
        "status": "busy",
        "ticket_id": "297005",
        "metadata": {"who": "Hoa"},
    }
    data = {**delivery, "id": "ver_1", "phone_hash": "0f" * 32, "deliveries": [delivery]}
    left = {
        "id": "dlv_1",
        "phone": "+84*********",
        "status": "busy",
        "metadata": {},
    }
    once = erased(json.dumps(data))
    assert json.loads(once) == {**left, "id": "ver_1", "phone_hash": "", "deliveries": [left]}
    assert erased(once) == once


def test_a_customer_of_the_oa_is_removed_and_its_agent_is_not() -> None:
    customer = {"phone": "+84******371", "user_id": "4491783511907164918", "name": "Đức"}
    call = {"agent": {"agent_id": "901", "name": "Lan"}, "customer": customer}
    assert json.loads(erased(json.dumps(call))) == {
        "agent": {"agent_id": "901", "name": "Lan"},
        "customer": {"phone": "+84*********", "user_id": None, "name": None},
    }
