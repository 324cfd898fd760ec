"""Deploys the SAM template to the emulator as it stands in the checkout: not built.

Function workers of the emulator run this interpreter, where Swath and all it needs are installed:
a function's code is the folder it lies in and nothing else.
"""

import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from swath.errors import HubError
from swath.local.aws import client

ARTIFACTS = "swath-artifacts"
PATIENCE_S = 60.0
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
# ZIP has no earlier time. The same code makes the same archive.
EPOCH = (1980, 1, 1, 0, 0, 0)

type Template = dict[str, Any]


def deploy(
    endpoint: str, template_file: Path, *, stack: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Create the stack in an emulator that does not have it; returns its outputs.

    Raises:
        HubError: The emulator refuses the template or one of its resources.
    """
    s3, cloudformation = client(endpoint, "s3"), client(endpoint, "cloudformation")
    template = read_template(template_file)
    s3.create_bucket(
        Bucket=ARTIFACTS,
        CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name},
    )
    packed = pack_functions(template, template_file.parent)
    uploads = {f"{name}.zip": archive for name, archive in packed.items()}
    uploads["template.json"] = json.dumps(pointed_at(template, packed)).encode()
    for key, body in uploads.items():
        s3.put_object(Bucket=ARTIFACTS, Key=key, Body=body)
    cloudformation.create_stack(
        StackName=stack,
        TemplateURL=f"{endpoint}/{ARTIFACTS}/template.json",
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        Capabilities=CAPABILITIES,
    )
    outputs = _wait_for_outputs(cloudformation, stack)
    for key in uploads:
        s3.delete_object(Bucket=ARTIFACTS, Key=key)
    s3.delete_bucket(Bucket=ARTIFACTS)
    return outputs


def read_template(file: Path) -> Template:
    """A template with CloudFormation's short tags (`!Ref`) in their long form (`{"Ref": …}`)."""
    template: Template = yaml.load(file.read_text(), _TemplateLoader)  # noqa: S506  a SafeLoader
    return template


def pack_functions(template: Template, folder: Path) -> dict[str, bytes]:
    """For each function, by logical id, a zip of the code its handler lies in.

    `folder` is the template's own: paths in the template start there.
    """
    common = template.get("Globals", {}).get("Function", {})
    functions = {
        name: {**common, **resource["Properties"]}
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    return {
        name: pack_code((folder / function["CodeUri"]).resolve(), function["Handler"])
        for name, function in functions.items()
    }


def pack_code(root: Path, handler: str) -> bytes:
    """A zip of what `functions.verb_noun.app.handler` or `api.….handler` needs besides Swath."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in _code_files(root, handler.split(".")):
            member = zipfile.ZipInfo(file.relative_to(root).as_posix(), EPOCH)
            member.external_attr = 0o644 << 16
            archive.writestr(member, file.read_bytes())
    return buffer.getvalue()


def pointed_at(template: Template, packed: Mapping[str, bytes]) -> Template:
    """The template with each function's code in the artifacts bucket."""
    resources = dict(template["Resources"])
    for name in packed:
        properties = {**resources[name]["Properties"], "CodeUri": f"s3://{ARTIFACTS}/{name}.zip"}
        resources[name] = {**resources[name], "Properties": properties}
    return {**template, "Resources": resources}


def _code_files(root: Path, module: list[str]) -> Iterator[Path]:
    package = root / module[0]
    if package.name == "functions":
        yield package / "__init__.py"
        package /= module[1]
    files = (f for f in package.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    yield from sorted(files)


def _wait_for_outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        if found["StackStatus"] == "CREATE_COMPLETE":
            return {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", ())}
        if not found["StackStatus"].endswith("IN_PROGRESS") or "ROLLBACK" in found["StackStatus"]:
            raise HubError(
                f"The stack cannot be deployed: {_first_failure(cloudformation, stack)}",
                "Mend iac/template.yaml.",
            )
        time.sleep(0.02)
    raise HubError(f"The stack is not there after {PATIENCE_S:.0f} s.", "Run `swath up` again.")


def _first_failure(cloudformation: Any, stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"].endswith("FAILED")]
    reasons = [f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason')}" for e in failed]
    return reasons[-1] if reasons else "it does not say why"


class _TemplateLoader(yaml.CSafeLoader):
    """YAML with CloudFormation's tags."""


def _long_form(loader: _TemplateLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_TemplateLoader.add_multi_constructor("!", _long_form)
