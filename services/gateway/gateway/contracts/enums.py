"""Enums of the contracts in requests: lower-case names in JSON, numbers in messages."""

from dataclasses import dataclass

from google.protobuf.descriptor import EnumDescriptor
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from chassis.rpc.documents import enum_name


@dataclass(frozen=True)
class EnumName:
    """Annotates an integer whose JSON form is the name of an enum's value.

    `without` are numbers that the field does not take, beside 0.
    """

    contract: EnumDescriptor
    without: frozenset[int] = frozenset()

    @property
    def numbers(self) -> dict[str, int]:
        """Returns the numbers by the names that the field takes, in the contract's order."""
        return {
            enum_name(self.contract, value.number): value.number
            for value in self.contract.values
            if value.number and value.number not in self.without
        }

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        numbers = self.numbers
        named = core_schema.literal_schema([*numbers])
        return core_schema.no_info_after_validator_function(numbers.__getitem__, named)
