"""The whole run is searched: no code, no secret, and no phone but where it may stand."""

import json
import re
from base64 import b32encode
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from local.environment import STACK_NAME
from local.logs import read_lines
from local.stack import Stack
from ringpass.ids import phone_key
from ringpass.redaction import Secret
from tests.described_items import ITEMS, NAMING_NOBODY
from tests.e2e.conftest import Sandbox, fresh_code, fresh_phone
from tests.e2e.secrecy import (
    RECORD,
    Answer,
    Hidden,
    Record,
    Text,
    secret_in,
    texts_of_answer,
    texts_of_item,
)
from tests.e2e.test_endings import TABLE, number
from tests.template import template

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

type Item = dict[str, Any]

_WRITTEN_BY_LAMBDA = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
_CODE_FIELDS = ("otp", "verification_code")
_PART = 16
"""So many characters of a key are not found by chance."""


# ---------------------------------------------------------------------------------------------
# What the run left behind
# ---------------------------------------------------------------------------------------------


def items_of(stack: Stack) -> list[Item]:
    """All items of the table."""
    scan = stack.dynamodb().get_paginator("scan")
    pages = scan.paginate(TableName=stack.table, ConsistentRead=True)
    return [dict(item) for page in pages for item in page["Items"]]


def events_of(stack: Stack) -> Iterator[Item]:
    """All images of the table's stream: items as they were, and as they became."""
    streams = stack.client("dynamodbstreams")
    for stream in streams.list_streams(TableName=stack.table)["Streams"]:
        arn = stream["StreamArn"]
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            iterator: str | None = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while iterator:
                page = streams.get_records(ShardIterator=iterator, Limit=1000)
                for record in page["Records"]:
                    for image in ("OldImage", "NewImage"):
                        if image in record["dynamodb"]:
                            yield dict(record["dynamodb"][image])
                iterator = page.get("NextShardIterator") if page["Records"] else None


def messages_of(stack: Stack) -> Iterator[Text]:
    """Messages that still are in a queue, dead ones in particular.

    But for commands: what their sender put there is to be sent.
    """
    queues = stack.queues()
    for name, url in stack.outputs.items():
        if not name.endswith("QueueUrl") or name == "CommandQueueUrl":
            continue
        while messages := queues.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], VisibilityTimeout=60
        ).get("Messages"):
            yield from (Text(f"message in {name}", json.dumps(message)) for message in messages)


def lines_of(stack: Stack) -> Iterator[Text]:
    """All that functions logged. What Lambda says of an invocation holds ids and numbers alone."""
    for line in read_lines(stack.aws_endpoint_url):
        if not line.text.startswith(_WRITTEN_BY_LAMBDA):
            yield Text(f"log of {line.function}", line.text)


def answers_of(items: list[Item]) -> Iterator[Text]:
    """All that clients were told, those who may see phones and those who may not."""
    see_phones = {
        item["PK"]["S"].removeprefix("KEY#")
        for item in items
        if "scopes" in item and {"S": "phones:read"} in item["scopes"]["L"]
    }
    for answer in RECORD.answers:
        # The API's description is the same for everybody; the phones in it are examples.
        if answer.request.endswith(
            ("/v1/openapi.json", "/v1/asyncapi.json", "of DescribeApiFunction")
        ):
            continue
        yield from texts_of_answer(answer, sees_phones=answer.key_id in see_phones)


# ---------------------------------------------------------------------------------------------
# It is read once, with something planted in it
# ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(stack: Stack) -> Hidden:
    """What this module itself has put into the table and into a log, before it reads them."""
    secret, code, phone = "planted-secret", fresh_code(), fresh_phone("VN")
    key = {"PK": {"S": "RAW#planted"}, "SK": {"S": "RAW"}, "entity": {"S": "planted"}}
    raw = {"raw": {"S": f"code {code} to 0{phone[3:]} with {secret}"}}
    stack.dynamodb().put_item(TableName=stack.table, Item=key | raw)
    logs: CloudWatchLogsClient = stack.client("logs")
    group = f"/aws/lambda/{STACK_NAME}-health"
    at = 1_000 * 2_000_000_000
    logs.create_log_stream(logGroupName=group, logStreamName="planted")
    logs.put_log_events(
        logGroupName=group,
        logStreamName="planted",
        logEvents=[{"timestamp": at, "message": json.dumps({"code": code, "to": phone})}],
    )
    return Hidden(codes={code}, phones={phone}, secrets={secret})


@pytest.fixture(scope="module")
def items(stack: Stack, planted: Hidden) -> list[Item]:
    """All items of the table."""
    return items_of(stack)


@pytest.fixture(scope="module")
def lines(stack: Stack, planted: Hidden) -> list[Text]:
    """All that functions logged."""
    return list(lines_of(stack))


@pytest.fixture(scope="module")
def answers(items: list[Item]) -> list[Text]:
    """All that clients were told."""
    return list(answers_of(items))


# ---------------------------------------------------------------------------------------------
# What must not be in it
# ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def requests(sandbox: Sandbox) -> list[dict[str, Any]]:
    """All that providers were asked."""
    return RECORD.requests + sandbox.all_requests()


@pytest.fixture(scope="module")
def hidden(
    stack: Stack, requests: list[dict[str, Any]], items: list[Item], planted: Hidden
) -> Hidden:
    """What tests made for this purpose, and whatever else providers were told."""
    bodies = [request["body"] for request in requests if isinstance(request["body"], dict)]
    codes = {str(body[name]) for body in bodies for name in _CODE_FIELDS if name in body}
    without_code = {
        request["phone"]
        for request in requests
        if request["provider"] == "mcn" and "verification_code" not in request["body"]
    }
    phones = {str(request["phone"]) for request in requests if request["phone"]}
    return Hidden(
        codes=(RECORD.codes | (codes - RECORD.spoken)).difference(planted.codes),
        phones=(RECORD.phones | phones).difference(planted.phones),
        secrets=set(secrets_of(stack)),
        shown_callers={
            item["caller_number"]["S"]
            for item in items
            if "caller_number" in item and item["phone"]["S"] in without_code
            if not item["caller_number"]["S"].endswith("*")
        },
    )


def secrets_of(stack: Stack) -> Iterator[str]:
    """Every value of every secret, and the API keys that the run began with."""
    yield from (secret_in(stack.api_key), secret_in(stack.admin_key))
    yield stack.mcn_webhook_url.rpartition("/")[2]
    manager: SecretsManagerClient = stack.client("secretsmanager")
    for page in manager.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            for version in manager.list_secret_version_ids(SecretId=secret["ARN"])["Versions"]:
                # Versions without a label may be gone already.
                with suppress(manager.exceptions.ResourceNotFoundException):
                    response = manager.get_secret_value(
                        SecretId=secret["ARN"], VersionId=version["VersionId"]
                    )
                    # One that a rotation has only staged holds nothing yet.
                    yield from _texts_in(json.loads(response.get("SecretString", "null")))


def _texts_in(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)


# ---------------------------------------------------------------------------------------------
# The search
# ---------------------------------------------------------------------------------------------


def test_no_log_tells(lines: list[Text], hidden: Hidden) -> None:
    assert lines
    assert hidden.search(lines) == []


def test_no_answer_tells(answers: list[Text], hidden: Hidden) -> None:
    assert RECORD.answers
    assert hidden.search(answers) == []


def test_no_item_tells(items: list[Item], hidden: Hidden) -> None:
    assert {item["entity"]["S"] for item in items} >= {
        *("delivery", "reference", "key", "unmatched_payload", "payload_part")
    }
    texts = (texts_of_item(one, f"item {one['PK']['S'].partition('#')[0]}") for one in items)
    assert hidden.search(text for each in texts for text in each) == []


def test_no_event_of_the_stream_tells(stack: Stack, hidden: Hidden) -> None:
    events = list(events_of(stack))
    assert events
    batches = (texts_of_item(event, "event of the stream") for event in events)
    assert hidden.search(text for texts in batches for text in texts) == []


def test_no_message_tells(stack: Stack, hidden: Hidden) -> None:
    assert hidden.search(messages_of(stack)) == []


def test_a_call_without_a_code_alone_shows_where_it_came_from(
    items: list[Item], requests: list[dict[str, Any]]
) -> None:
    with_code = {
        request["phone"]
        for request in requests
        if request["provider"] == "mcn" and "verification_code" in request["body"]
    } | {number(digits, "password_call") for digits in TABLE}  # What a stack plays has one, too.
    without_code = {
        request["phone"]
        for request in requests
        if request["provider"] == "mcn" and "verification_code" not in request["body"]
    }
    callers = [
        (item["phone"]["S"], item["caller_number"]["S"])
        for item in items
        if "caller_number" in item and not item["phone"]["S"].endswith("*")  # Deleted.
    ]
    assert callers
    for phone, caller in callers:
        assert caller.endswith("****") or phone in without_code
        assert caller.isdigit() or phone in with_code


def test_no_other_kind_of_item_names_a_number(
    stack: Stack, hidden: Hidden, items: list[Item]
) -> None:
    """What names a number, or holds its look-up key, is known to the export and the deletion."""
    keys = re.compile("|".join(phone_key(look_up_key(stack), phone) for phone in hidden.phones))
    find = Hidden(phones=hidden.phones).finder()
    naming = {
        item["entity"]["S"]
        for item in items
        if keys.search(text := json.dumps(item)) or any(find(text))
    }
    assert {"delivery", "reference", "callee"} <= naming
    assert naming - ITEMS.keys() == set(), "docs/data-protection.md describes it"
    assert naming & NAMING_NOBODY == set()


def look_up_key(stack: Stack) -> Secret:
    manager: SecretsManagerClient = stack.client("secretsmanager")
    arn = stack.outputs["LookupSecretArn"]
    return Secret(json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])["key"])


def test_no_answer_or_log_holds_a_look_up_key(
    stack: Stack, answers: list[Text], lines: list[Text]
) -> None:
    """Nor does an id that is a part of one: neither in hexadecimal digits nor in letters."""
    key = look_up_key(stack)
    keys = [phone_key(key, phone) for phone in RECORD.phones]
    letters = {b32encode(bytes.fromhex(one)[:20]).decode().lower() for one in keys}
    parts = {one[:_PART] for one in keys} | {one[:_PART] for one in letters}
    places = [
        text.where
        for text in (*answers, *lines)
        for run in re.findall(r"[0-9a-f]{20,}|[a-z2-7]{20,}", text.text)
        if run[:_PART] in parts
    ]
    assert keys
    assert places == []


def test_access_logs_hold_no_path() -> None:
    settings = template()["Resources"]["Api"]["Properties"]["AccessLogSettings"]
    line, address = settings["Format"]["Fn::Sub"]
    assert "routeKey" in line
    for variable in (
        "$context.path",
        "$context.http",
        "$context.identity",
        "$context.requestOverride",
    ):
        assert variable not in line
    # Where a request came from only if the operator wants it.
    source_ip, otherwise = address["SourceIp"]["Fn::If"][1:]
    assert (source_ip, otherwise) == (',"sourceIp":"$context.identity.sourceIp"', "")


# ---------------------------------------------------------------------------------------------
# The search itself finds what there is
# ---------------------------------------------------------------------------------------------

PLANTED = Hidden(
    codes={"0317", "4829173650"},
    phones={"+84389801371", "+79161234501", "+84000000001"},
    secrets={"sandbox-mcn-token"},
    shown_callers={"74951230317"},
)


@pytest.mark.parametrize(
    "text",
    [
        '{"level":"INFO","message":"sent","code":"0317"}',
        '{"level":"INFO","message":"the code is 0317."}',
        "code=0317&x=1",
        "0317",
        '{"caller_number": "74957770317"}',
        "from +3612220317",
        "otp 4829173650",
        "x4829173650y",
        '{"message":"to +84389801371"}',
        "84389801371",
        "0389801371",
        "/v1/deliveries?phone=%2B84389801371",
        "8 or 89161234501",
        "+84000000001",
        "Authorization: Bearer sandbox-mcn-token",
        "rp_0123456789ab_" + "x" * 43,
    ],
)
def test_what_is_planted_is_found(text: str) -> None:
    [finding] = PLANTED.search([Text("a log", text)])
    assert finding.startswith("a log: ")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T00:07:13.0317Z",
        '{"day": "0317-11-22", "hour": "0317-11-22T05"}',
        '{"milliseconds":0317}, {"size": 0317, "of": [{"N": "0317"}]}',
        '{"code": {"M": {"masked": {"S": "0317"}}}}',
        '[["retry-after", "0317"]] The limit is reached; it ends in 0317 s at the latest.',
        "an RFC 0317 instant with an offset",
        '{"request": "ea9433aa-0317-4ca5-ad8b-10b5641f0317"}',
        "dlv_nnq0317qarmnbxylrzwdw425p4zhpmaioo",
        "10317 03170 0.0317 0317.5",
        '{"caller_number": "7495817****"}',
        '{"caller_number": "74951230317"}',
        "+84******371",
        "arn:aws:lambda:us-east-1:000000000000:function:x",
    ],
)
def test_nothing_is_found_by_chance(text: str) -> None:
    assert PLANTED.search([Text("a log", text)]) == []


def test_a_phone_is_found_in_an_answer_to_a_key_that_may_not_see_it() -> None:
    answer = Answer("GET /v1/deliveries", "k", 200, "[]", '{"items": [{"phone": "+84389801371"}]}')
    assert PLANTED.search(texts_of_answer(answer, sees_phones=False))
    assert not PLANTED.search(texts_of_answer(answer, sees_phones=True))
    lines = Answer(
        "GET /", "k", 200, "[]", '{"phone": "+84389801371"}\n{"phone": "+84389801371"}\n'
    )
    assert not PLANTED.search(texts_of_answer(lines, sees_phones=True))
    elsewhere = Answer("GET /", "k", 200, "[]", '{"detail": "+84389801371"}')
    assert PLANTED.search(texts_of_answer(elsewhere, sees_phones=True))
    header = Answer("GET /", "k", 200, '[["location", "/0389801371"]]', "{}")
    assert PLANTED.search(texts_of_answer(header, sees_phones=True))


def test_a_new_key_is_found_but_in_the_answer_to_who_made_it() -> None:
    key = "rp_0123456789ab_" + "x" * 43
    creation = Answer("POST http://x/v1/keys", "k", 201, "[]", f'{{"id": "1", "key": "{key}"}}')
    assert not PLANTED.search(texts_of_answer(creation, sees_phones=False))
    invocation = Answer(
        "invocation of ManageKeysFunction", "", 200, "[]", json.dumps(creation.body)
    )
    assert not PLANTED.search(texts_of_answer(invocation, sees_phones=False))
    twice = Answer(creation.request, "k", 201, "[]", creation.body + creation.body)
    assert PLANTED.search(texts_of_answer(twice, sees_phones=False))
    listing = Answer("GET http://x/v1/keys", "k", 200, "[]", creation.body)
    assert PLANTED.search(texts_of_answer(listing, sees_phones=False))


def test_what_tests_wrote_in_another_sense_is_known() -> None:
    record = Record()
    record.speak(
        '{"code": "4711", "otp":"4712", "otp_id": "OTP-4713", "size": 4714, '
        '"phone": "+79161234715", "at": "12:00:00.4716", "name": "4717 and 482915"}'
    )
    assert record.spoken == {"4713", "4714", "4717", "482915"}


@pytest.mark.parametrize("secret", ["x" * 43, "x" * 40 + "_GI", "_" * 43, "x" * 42 + "_"])
def test_the_whole_secret_of_a_key_is_looked_for(secret: str) -> None:
    assert secret_in(f"rp_0123456789ab_{secret}") == secret


@pytest.mark.parametrize("secret", ["", "GI", "seven77"])
def test_no_secret_is_looked_for_that_occurs_by_chance(secret: str) -> None:
    with pytest.raises(AssertionError, match="by chance"):
        Hidden(secrets={secret}).search([])


def test_codes_are_never_the_same() -> None:
    record = Record()
    codes = [record.fresh_code(length) for length in (4, 4, 4, 10, 10)]
    assert len(set(codes)) == 5
    assert all(code.startswith("0") for code in codes[:3])


def test_what_is_planted_in_the_stack_is_found(
    items: list[Item], lines: list[Text], planted: Hidden
) -> None:
    texts = [text for item in items for text in texts_of_item(item, item["PK"]["S"])]
    kinds = [finding.split(": ")[:2] for finding in planted.search(texts)]
    assert sorted(kinds) == [["RAW#planted", kind] for kind in ("code", "phone", "secret")]
    kinds = [finding.split(": ")[:2] for finding in planted.search(lines)]
    assert sorted(kinds) == [["log of health", "code"], ["log of health", "phone"]]
