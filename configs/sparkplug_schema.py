"""The binary payload of Sparkplug B, as the tables of Eclipse's specification number its fields (ISO/IEC 20237).

The message classes are built when they are first asked for, so that no generated code has to be kept in step with the
installed version of protobuf.
"""

from functools import cache
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "yeji.sparkplug"

_KINDS = {
    "u32": FieldDescriptorProto.TYPE_UINT32,
    "u64": FieldDescriptorProto.TYPE_UINT64,
    "float": FieldDescriptorProto.TYPE_FLOAT,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "text": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
}

_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "Payload": {
        "timestamp": (1, "u64"),
        "metrics": (2, "*Metric"),
        "seq": (3, "u64"),
        "uuid": (4, "text"),
        "body": (5, "bytes"),
    },
    "Metric": {
        "name": (1, "text"),
        "alias": (2, "u64"),
        "timestamp": (3, "u64"),
        "datatype": (4, "u32"),
        "is_historical": (5, "bool"),
        "is_transient": (6, "bool"),
        "is_null": (7, "bool"),
        "properties": (9, "PropertySet"),
        "int_value": (10, "value u32"),
        "long_value": (11, "value u64"),
        "float_value": (12, "value float"),
        "double_value": (13, "value double"),
        "boolean_value": (14, "value bool"),
        "string_value": (15, "value text"),
        "bytes_value": (16, "value bytes"),
        "dataset_value": (17, "value DataSet"),
        "template_value": (18, "value Template"),
    },
    "PropertySet": {"keys": (1, "*text"), "values": (2, "*PropertyValue")},
    "PropertyValue": {
        "type": (1, "u32"),
        "is_null": (2, "bool"),
        "int_value": (3, "value u32"),
        "long_value": (4, "value u64"),
        "float_value": (5, "value float"),
        "double_value": (6, "value double"),
        "boolean_value": (7, "value bool"),
        "string_value": (8, "value text"),
    },
    "DataSet": {
        "num_of_columns": (1, "u64"),
        "columns": (2, "*text"),
        "types": (3, "*u32"),
        "rows": (4, "*DataSetRow"),
    },
    "DataSetRow": {"elements": (1, "*DataSetValue")},
    "DataSetValue": {
        "int_value": (1, "value u32"),
        "long_value": (2, "value u64"),
        "float_value": (3, "value float"),
        "double_value": (4, "value double"),
        "boolean_value": (5, "value bool"),
        "string_value": (6, "value text"),
    },
    "Template": {
        "version": (1, "text"),
        "metrics": (2, "*Metric"),
        "template_ref": (4, "text"),
        "is_definition": (5, "bool"),
    },
}


@cache
def payload_type() -> type[Any]:
    """Return the message class of a whole payload; its fields are those of the tables above."""
    pool = DescriptorPool()
    pool.AddSerializedFile(_file().SerializeToString())
    found: type[Any] = GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.Payload"))
    return found


def _file() -> FileDescriptorProto:
    file = FileDescriptorProto(name="sparkplug_b.proto", package=PACKAGE, syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        if any(kind.startswith("value ") for _, kind in fields.values()):
            message.oneof_decl.add(name="value")
        for field, (number, kind) in fields.items():
            message.field.append(_field(field, number, kind))
    return file


def _field(name: str, number: int, kind: str) -> FieldDescriptorProto:
    bare = kind.removeprefix("*").removeprefix("value ")
    field = FieldDescriptorProto(name=name, number=number)
    field.label = FieldDescriptorProto.LABEL_REPEATED if kind.startswith("*") else FieldDescriptorProto.LABEL_OPTIONAL
    if kind.startswith("value "):
        field.oneof_index = 0
    if bare in _KINDS:
        field.type = _KINDS[bare]
    else:
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{bare}"
    return field
