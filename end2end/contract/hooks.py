"""Every other call names something that is there, so that answers of all kinds are seen."""

import json
import os
import zlib

import schemathesis

KNOWN = json.loads(os.environ["KNOWN"])


def _known(kind, made_up):
    """One of the ids that are there, or what was made up; the same one each time."""
    number = zlib.crc32(made_up.encode("utf-8", "surrogatepass"))
    ids = KNOWN[kind]
    return ids[(number // 2) % len(ids)] if number % 2 == 0 else made_up


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if not path_parameters or not isinstance(path_parameters.get("id"), str):
        return path_parameters
    operation = context.operation
    if operation.path.startswith("/connect-sessions"):
        kind = "sessions"
    elif operation.method == "delete":
        kind = "doomed"
    else:
        kind = "connections"
    return {**path_parameters, "id": _known(kind, path_parameters["id"])}


@schemathesis.hook
def filter_case(context, case):
    """A row that is wrong is answered as such and keeps no other out, so a wrong import is a right call."""
    wrong = case.meta is not None and case.meta.generation.mode.is_negative
    return not (wrong and case.operation.path == "/connections/import")
