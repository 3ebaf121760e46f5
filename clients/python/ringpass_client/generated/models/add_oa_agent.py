from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.add_oa_agent_role import AddOaAgentRole

T = TypeVar("T", bound="AddOaAgent")


@_attrs_define
class AddOaAgent:
    """``POST /v1/oa/{oa_id}/agents``: one who makes and takes calls."""

    agent_id: str
    """ Zalo's user id of the agent """
    name: str
    """ what the history of calls is searched by """
    role: AddOaAgentRole
    """ What an agent may do at Zalo. """

    def to_dict(self) -> dict[str, Any]:
        agent_id = self.agent_id

        name = self.name

        role = self.role.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "agent_id": agent_id,
                "name": name,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        agent_id = d.pop("agent_id")

        name = d.pop("name")

        role = AddOaAgentRole(d.pop("role"))

        add_oa_agent = cls(
            agent_id=agent_id,
            name=name,
            role=role,
        )

        return add_oa_agent
