"""A template's faults are told in one sentence, with file and line, before anything is built."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.failures import LocalStackError
from local.paths import EXAMPLES, OBSERVABILITY, TEMPLATE
from local.template_check import check_templates, faults_in

GOOD = """\
Parameters:
  Stage: {Type: String}
Conditions:
  Deployed: !Not [!Equals [!Ref Stage, local]]
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Condition: Deployed
  HealthFunction:
    Type: AWS::Serverless::Function
    DependsOn: Table
    Properties:
      Policies: {Statement: [{Condition: {StringLike: {"dynamodb:LeadingKeys": ["KEY#*"]}}}]}
      Environment:
        Variables:
          STACK: !Ref AWS::StackName
          TABLE: !Ref Table
          ARN: !GetAtt Table.Arn
          STREAM: {"Fn::GetAtt": [Table, StreamArn]}
          NAME: !Sub "${AWS::StackName}-${Stage}-${Table.Arn}-${!not}-$x"
          OTHER: !Sub ["${own}-${Table}", {own: !Ref Stage}]
          ONE: !If [Deployed, !Ref Stage, !Ref AWS::NoValue]
Outputs:
  Role: {Value: !GetAtt HealthFunctionRole.Arn, Condition: Deployed}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return tmp_path / "template.yaml"


@pytest.mark.parametrize("path", [TEMPLATE, OBSERVABILITY, *EXAMPLES], ids=lambda path: path.name)
def test_ours_have_none(path: Path) -> None:
    assert list(faults_in(path)) == []


def test_names_that_are_there_are_no_faults(template: Path) -> None:
    template.write_text(GOOD)
    assert list(faults_in(template)) == []


@pytest.mark.parametrize(
    ("good", "bad", "line", "text"),
    [
        (
            "TABLE: !Ref Table",
            "TABLE: !Ref Tabel",
            17,
            "!Ref Tabel: there is no such parameter or resource: did you mean Table?",
        ),
        (
            "!GetAtt Table.Arn",
            "!GetAtt Tables.Arn",
            18,
            "!GetAtt Tables: there is no such resource: did you mean Table?",
        ),
        (
            '{"Fn::GetAtt": [Table,',
            '{"Fn::GetAtt": [X,',
            19,
            "!GetAtt X: there is no such resource",
        ),
        (
            "-${Stage}-",
            "-${Stag}-",
            20,
            "!Sub Stag: there is no such parameter or resource: did you mean Stage?",
        ),
        ("${Table.Arn}", "${X.Arn}", 20, "!Sub X: there is no such resource"),
        ("${own}", "${mine}", 21, "!Sub mine: there is no such parameter or resource"),
        (
            "!If [Deployed",
            "!If [Deployd",
            22,
            "!If Deployd: there is no such condition: did you mean Deployed?",
        ),
        ("DependsOn: Table", "DependsOn: X", 11, "DependsOn X: there is no such resource"),
        (
            "    Condition: Deployed",
            "    Condition: Prod",
            8,
            "Condition Prod: there is no such condition",
        ),
        ("HealthFunctionRole", "HealthRole", 24, "!GetAtt HealthRole: there is no such resource"),
    ],
)
def test_a_name_that_is_not_there(
    template: Path, good: str, bad: str, line: int, text: str
) -> None:
    assert GOOD.count(good) == 1
    template.write_text(GOOD.replace(good, bad))
    [fault] = faults_in(template)
    assert str(fault) == f"{template}, line {line}: {text}"
    with pytest.raises(LocalStackError, match=rf"line {line}: "):
        check_templates((template,))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Resources:\n  A: 1\n\tB: 2\n", 3),
        ("Resources:\n  A: 1\n B: 2\n", 3),
        ("Resources: [1,\n", 2),
        ("a: 'b\n\n", 3),
        ("- 1\n", 1),
        ("", 1),
    ],
)
def test_what_is_no_template_is_told_with_its_line(template: Path, text: str, line: int) -> None:
    template.write_text(text)
    [fault] = faults_in(template)
    assert fault.line == line
    assert "\n" not in str(fault)


def test_several_are_counted(template: Path) -> None:
    template.write_text(GOOD.replace("!Ref Table", "!Ref Tabel").replace("Table.Arn", "Tabl.Arn"))
    with pytest.raises(LocalStackError, match=r"line 17: !Ref Tabel: .* \(and 2 more\)$"):
        check_templates((template,))


@given(st.text(max_size=60))
def test_any_text_is_told_in_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    assert all("\n" not in str(fault) for fault in faults_in(path))
