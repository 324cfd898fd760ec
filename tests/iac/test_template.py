"""The deployment templates agree with the code, and give nobody more than it needs."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

import swath.settings
from swath.local.deployer import read_template

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]

TEMPLATE: Json = read_template(ROOT / "iac/template.yaml")
DATABASE: Json = read_template(ROOT / "iac/database.yaml")
PROJECT: Json = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SAM: Json = tomllib.loads((ROOT / "samconfig.toml").read_text())
BUILD = (ROOT / "iac/build.mk").read_text()

# IAM offers nothing narrower for them: a function's network interfaces have no name beforehand.
UNBOUND = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}


def resources(kind: str, template: Json = TEMPLATE) -> dict[str, Json]:
    found = template["Resources"].items()
    return {name: found for name, found in found if found["Type"] == kind}


def properties(name: str, template: Json = TEMPLATE) -> Json:
    found: Json = template["Resources"][name]["Properties"]
    return found


FUNCTIONS = resources("AWS::Serverless::Function")


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def extra(function: str) -> str:
    """StacApi carries the extra of all APIs; every other function has its own."""
    return "api" if function.endswith("Api") else snake(function)


def log_group(function: str) -> Json:
    return properties(properties(function)["LoggingConfig"]["LogGroup"]["Ref"])


def statements(function: str) -> list[Json]:
    role = properties(properties(function)["Role"]["Fn::GetAtt"][0])
    return [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]


def every_statement(node: Any) -> list[Json]:
    """All policy statements anywhere below `node`."""
    if isinstance(node, list):
        return [one for child in node for one in every_statement(child)]
    if not isinstance(node, dict):
        return []
    here = [node] if "Effect" in node else []
    return here + [one for child in node.values() for one in every_statement(child)]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("function", FUNCTIONS)
class TestFunction:
    def test_its_folder_extra_and_requirements_have_its_name(self, function: str) -> None:
        module = Path(properties(function)["Handler"].replace(".", "/")).parent

        assert (ROOT / module).with_suffix(".py").is_file()
        assert extra(function) in module.parts
        assert extra(function) in PROJECT["optional-dependencies"]
        assert (ROOT / f"requirements/{extra(function)}.txt").is_file()

    def test_it_is_built_by_the_makefile_from_the_checkout(self, function: str) -> None:
        assert FUNCTIONS[function]["Metadata"] == {"BuildMethod": "makefile"}
        assert re.search(rf"^build-.*\b{function}\b.*:", BUILD, re.MULTILINE)
        assert TEMPLATE["Globals"]["Function"]["CodeUri"] == ".."

    def test_its_log_is_kept_for_a_while_and_not_for_ever(self, function: str) -> None:
        _, prod, others = log_group(function)["RetentionInDays"]["Fn::If"]

        assert 1 <= others <= prod <= 400
        assert log_group(function)["LogGroupName"] == {
            "Fn::Sub": "/aws/lambda/" + properties(function)["FunctionName"]["Fn::Sub"]
        }

    def test_it_writes_to_its_own_log_alone(self, function: str) -> None:
        logs = [one for one in statements(function) if "logs:PutLogEvents" in one["Action"]]

        group = properties(function)["LoggingConfig"]["LogGroup"]["Ref"]
        assert [one["Resource"] for one in logs] == [{"Fn::GetAtt": [group, "Arn"]}]

    def test_it_shares_its_role_with_no_other(self, function: str) -> None:
        roles = [str(properties(one)["Role"]) for one in FUNCTIONS]

        assert roles.count(str(properties(function)["Role"])) == 1

    def test_it_is_given_known_settings_only(self, function: str) -> None:
        classes = BaseSettings.__subclasses__()
        known = {
            f"{one.model_config.get('env_prefix')}{field}".upper()
            for one in classes
            if one.__module__ == swath.settings.__name__
            for field in one.model_fields
        }

        shared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        own = properties(function).get("Environment", {}).get("Variables", {})
        assert set(shared) | set(own) <= known


@pytest.mark.parametrize("template", [TEMPLATE, DATABASE], ids=["template", "database"])
def test_no_policy_allows_a_wildcard(template: Json) -> None:
    allowed = [one for one in every_statement(template["Resources"]) if one["Effect"] == "Allow"]

    assert allowed
    for statement in allowed:
        actions = as_list(statement["Action"])
        assert not [action for action in actions if "*" in action]
        if "*" in as_list(statement.get("Resource")):
            assert set(actions) <= UNBOUND


def test_ingestion_may_read_products_but_never_change_them() -> None:
    allowed = {
        (action, str(one["Resource"]))
        for one in statements("IngestProduct")
        for action in as_list(one["Action"])
    }

    assert {one for one in allowed if one[0].startswith("s3:")} == {
        ("s3:GetObject", str({"Fn::Sub": "${Inbox.Arn}/*"})),
        ("s3:ListBucket", str({"Fn::GetAtt": ["Inbox", "Arn"]})),
        ("s3:PutObject", str({"Fn::Sub": "${Store.Arn}/thumbnails/*"})),
    }


def test_the_queue_hides_a_message_six_times_as_long_as_a_batch_may_take() -> None:
    queue, function = properties("IngestQueue"), properties("IngestProduct")

    assert [queue["VisibilityTimeout"], function["Timeout"]] == [
        {"Fn::FindInMap": ["IngestPatience", {"Ref": "IngestPatience"}, name]}
        for name in ("Hidden", "Timeout")
    ]
    sizes = TEMPLATE["Mappings"]["IngestPatience"]
    assert TEMPLATE["Parameters"]["IngestPatience"]["AllowedValues"] == list(sizes)
    assert all(size["Hidden"] == 6 * size["Timeout"] for size in sizes.values())


def test_stores_are_used_by_those_alone_that_have_to_and_only_where_there_are_some() -> None:
    given = {
        (role["Ref"].removesuffix("Role"), action)
        for one in resources("AWS::IAM::Policy").values()
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
        for role in one["Properties"]["Roles"]
        for action in statement["Action"]
    }

    conditions = {one["Condition"] for one in resources("AWS::IAM::Policy").values()}
    assert conditions == {"MoreStores", "MoreBuckets"}
    users = {name for name in FUNCTIONS if (name, "s3:GetObject") in given}
    apis = {"OdataApi", "DownloadApi"}
    assert users == {"IngestProduct", "MoveProducts", "ReconcileCatalogue", *apis}
    for function in FUNCTIONS:
        variables = properties(function)["Environment"]["Variables"]
        assert ("SWATH_STORES_SECRET_ARN" in variables) == (function in users)
        assert ((function, "secretsmanager:GetSecretValue") in given) == (function in users)
    for action in ("s3:PutObject", "s3:DeleteObject"):
        assert {name for name, what in given if what == action} == {"IngestProduct", "MoveProducts"}


def test_a_message_that_keeps_failing_rests_in_the_dead_letter_queue_for_two_weeks() -> None:
    queue = properties("IngestQueue")

    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["IngestDlq", "Arn"]},
        "maxReceiveCount": 10,
    }
    days = properties("IngestDlq")["MessageRetentionPeriod"] / 86400
    assert days == 14
    assert days > queue["MessageRetentionPeriod"] / 86400


def test_only_failed_messages_return_to_the_queue() -> None:
    source = properties("IngestProduct")["Events"]["Dropped"]["Properties"]

    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BatchSize"] == 10


def test_how_many_batches_run_at_once_is_a_number_in_the_template() -> None:
    # A parameter would reach emulators as text, which they cannot compare.
    batches = [size["Batches"] for size in TEMPLATE["Mappings"]["IngestCapacity"].values()]

    assert all(isinstance(count, int) and count >= 2 for count in batches)
    allowed = TEMPLATE["Parameters"]["IngestCapacity"]["AllowedValues"]
    assert allowed == list(TEMPLATE["Mappings"]["IngestCapacity"])


def test_only_the_inbox_may_send_to_the_queue() -> None:
    [statement] = properties("IngestQueuePolicy")["PolicyDocument"]["Statement"]
    _, named, made = properties("Inbox")["BucketName"]["Fn::If"]
    _, named_arn, made_arn = statement["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::If"]

    prefix = "arn:${AWS::Partition}:s3:::"
    assert named_arn == {"Fn::Sub": f"{prefix}${{{named['Ref']}}}"}
    assert made_arn == {"Fn::Sub": prefix + made["Fn::Sub"]}
    assert statement["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"}
    }
    assert TEMPLATE["Resources"]["Inbox"]["DependsOn"] == "IngestQueuePolicy"


def test_every_object_made_in_or_removed_from_the_inbox_is_announced() -> None:
    notification = properties("Inbox")["NotificationConfiguration"]

    assert notification == {
        "QueueConfigurations": [
            {"Event": event, "Queue": {"Fn::GetAtt": ["IngestQueue", "Arn"]}}
            for event in ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
        ]
    }


@pytest.mark.parametrize("name", ["Inbox", "Store"])
def test_a_bucket_is_private_encrypted_and_outlives_the_stack(name: str) -> None:
    bucket = properties(name)

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["BucketEncryption"]
    assert TEMPLATE["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"
    [denied] = properties(f"{name}Policy")["PolicyDocument"]["Statement"]
    assert denied["Effect"] == "Deny"
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_catalogue_outlives_the_stack() -> None:
    cluster = DATABASE["Resources"]["Cluster"]

    assert cluster["DeletionPolicy"] == cluster["UpdateReplacePolicy"] == "Snapshot"
    assert cluster["Properties"]["StorageEncrypted"] is True
    assert cluster["Properties"]["DeletionProtection"] == {"Fn::If": ["IsProd", True, False]}


def test_nothing_of_the_database_is_public() -> None:
    assert not resources("AWS::EC2::InternetGateway", DATABASE)
    assert not resources("AWS::EC2::NatGateway", DATABASE)
    assert properties("Instance", DATABASE)["PubliclyAccessible"] is False
    for group in resources("AWS::EC2::SecurityGroup", DATABASE).values():
        assert "CidrIp" not in str(group["Properties"].get("SecurityGroupIngress"))


def test_a_given_database_switches_ours_off() -> None:
    assert TEMPLATE["Conditions"]["OwnDatabase"] == {"Fn::Equals": [{"Ref": "DatabaseUrl"}, ""]}
    assert TEMPLATE["Resources"]["Database"]["Condition"] == "OwnDatabase"
    assert TEMPLATE["Parameters"]["DatabaseUrl"]["NoEcho"] is True


# What the gateway hands to which function; everything else is StacApi's.
ROUTES = {
    "/odata/{proxy+}": "OdataApi",
    "/dhus/{proxy+}": "OdataApi",
    "/download/{proxy+}": "DownloadApi",
}


def test_http_api_hands_every_path_to_its_function() -> None:
    routes = {}
    for route in resources("AWS::ApiGatewayV2::Route").values():
        integration = route["Properties"]["Target"]["Fn::Sub"].removeprefix("integrations/${")[:-1]
        routes[route["Properties"]["RouteKey"]] = behind(properties(integration)["IntegrationUri"])

    assert routes == {"$default": "StacApi"} | {f"ANY {path}": f for path, f in ROUTES.items()}


def test_rest_api_hands_every_path_to_its_function() -> None:
    methods = resources("AWS::ApiGateway::Method")
    routes = {}
    for one in methods.values():
        assert one["Properties"]["HttpMethod"] == "ANY"
        _, named = one["Properties"]["Integration"]["Uri"]["Fn::Sub"]
        routes[rest_path(one["Properties"]["ResourceId"])] = behind(named["Function"])

    assert routes == {"": "StacApi", "/{proxy+}": "StacApi"} | ROUTES
    (deployment,) = resources("AWS::ApiGateway::Deployment").values()
    assert set(deployment["DependsOn"]) == set(methods)


def behind(reference: Json) -> str:
    """The function behind an alias, which is what has snapshots: the function itself has none."""
    function, _, alias = str(reference["Ref"]).partition(".")
    assert alias == "Alias"
    return function


def rest_path(resource: Json) -> str:
    """The path of a resource of the REST API."""
    if "Ref" not in resource:
        return ""
    found = properties(resource["Ref"])
    return f"{rest_path(found['ParentId'])}/{found['PathPart']}"


def test_every_api_may_be_called_by_the_gateway() -> None:
    callable_ = {
        behind(one["Properties"]["FunctionName"])
        for one in resources("AWS::Lambda::Permission").values()
        if one["Properties"]["Principal"] == "apigateway.amazonaws.com"
    }

    assert callable_ == {"StacApi", *ROUTES.values()}


@pytest.mark.parametrize("function", ["StacApi", "OdataApi", "DownloadApi"])
def test_every_api_starts_from_a_snapshot_where_that_is_wanted(function: str) -> None:
    found = properties(function)

    assert found["SnapStart"]["ApplyOn"]["Fn::If"] == ["FromSnapshots", "PublishedVersions", "None"]
    assert found["AutoPublishAliasAllProperties"] is True
    assert found["VersionDeletionPolicy"] == "Delete"


@pytest.mark.parametrize("function", ["DownloadApi", "OdataApi"])
def test_downloads_change_nothing_but_the_scratch_bucket(function: str) -> None:
    writes = {
        str(one["Resource"])
        for one in statements(function)
        for action in as_list(one["Action"])
        if re.match("s3:(Put|Delete|Abort|Create)", action)
    }

    assert writes == {str({"Fn::Sub": "${Scratch.Arn}/downloads/*"})}


def test_each_kind_of_api_is_made_when_asked_for_throttled_and_logged() -> None:
    for name, found in TEMPLATE["Resources"].items():
        for kind in ("HttpApi", "RestApi"):
            assert (found.get("Condition") == f"Use{kind}") == name.startswith(kind)
    assert properties("HttpApiStage")["DefaultRouteSettings"]["ThrottlingRateLimit"]
    assert properties("HttpApiStage")["AccessLogSettings"]
    assert properties("RestApiStage")["MethodSettings"][0]["ThrottlingRateLimit"]
    assert properties("RestApiStage")["AccessLogSetting"]


def test_every_alarm_is_mailed_and_says_what_to_do() -> None:
    alarms = [one["Properties"] for one in resources("AWS::CloudWatch::Alarm").values()]

    for alarm in alarms:
        assert alarm["AlarmDescription"]
        assert alarm["AlarmActions"]["Fn::If"][:2] == ["MailAlarms", [{"Ref": "AlarmTopic"}]]


def test_alarms_watch_the_queues_the_functions_and_the_api() -> None:
    alarms = [one["Properties"] for one in resources("AWS::CloudWatch::Alarm").values()]
    watched = {(alarm["Namespace"], str(alarm["Dimensions"][0]["Value"])) for alarm in alarms}

    assert ("AWS/SQS", str({"Fn::GetAtt": ["IngestDlq", "QueueName"]})) in watched
    assert ("AWS/SQS", str({"Fn::GetAtt": ["IngestQueue", "QueueName"]})) in watched
    assert ("AWS/Lambda", str({"Ref": "IngestProduct"})) in watched
    assert ("AWS/Lambda", str({"Ref": "MigrateDatabase"})) in watched
    assert "AWS/ApiGateway" in {namespace for namespace, _ in watched}


@pytest.mark.parametrize("stage", ["dev", "prod", "localstack", "ci"])
def test_each_stage_gives_known_parameters_and_tags_what_it_makes(stage: str) -> None:
    deploy = SAM[stage]["deploy"]["parameters"]
    given = dict(pair.split("=", 1) for pair in deploy["parameter_overrides"].split())

    for name, value in given.items():
        allowed = TEMPLATE["Parameters"][name].get("AllowedValues", [value])
        assert value in allowed
    assert given["Stage"] == stage
    assert f"Stage={stage}" in deploy["tags"].split()
    assert SAM[stage]["global"]["parameters"]["stack_name"] == f"swath-{stage}"


def test_a_database_that_may_pause_has_no_proxy() -> None:
    for stage in ("dev", "prod"):
        overrides = SAM[stage]["deploy"]["parameters"]["parameter_overrides"]
        given = dict(pair.split("=", 1) for pair in overrides.split())
        pauses = given["DatabaseMinCapacity"] == "0"
        assert pauses == (given.get("DatabaseProxy", "true") == "false")


def test_local_stack_gets_the_kind_of_api_its_free_plan_has() -> None:
    assert "ApiKind=RestApi" in SAM["localstack"]["deploy"]["parameters"]["parameter_overrides"]
