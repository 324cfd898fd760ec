"""The deployable as a user gets it: `sam build`, `sam deploy`, a product dropped, an Item found.

It is deployed to an emulator of AWS that enforces every function's policies and has none of the
functions' dependencies: what a function needs it must be allowed, and must bring along.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from swath.domain.naming import Mission
from swath.local import aws
from swath.local.postgres import Cluster, create_database, drop_database
from swath.local.processes import start_child
from swath.local.samples import write_samples
from swath.local.sockets import LOOPBACK, free_port
from tests.leftovers import remove

MISSIONS = (Mission.SENTINEL_1, Mission.SENTINEL_2)
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("deploy")]

ROOT = Path(__file__).parents[2]
SAM = ROOT / ".venv-sam/bin/sam"
EMULATOR = ROOT / ".venv-aws/bin"
KINDS = ("HttpApi", "RestApi")
# Lambda takes 250 MB; what is loaded at a cold start should stay far below.
MB_AT_MOST = {"IngestProduct": 175, "MigrateDatabase": 75, "StacApi": 130, "OdataApi": 100}
MB_AT_MOST |= {"DownloadApi": 100}
PATIENCE_S = 60.0
LINKS_OF_OURS = {"self", "root", "collection"}
# Function -> what it does when it starts and when it is first called.
STARTS = {
    "IngestProduct": "import functions.ingest_product.app as app; app.runtime.catalogue(); "
    "app.runtime.store()",
    "MigrateDatabase": "import functions.migrate_database.app as app; app.runtime.database_url()",
    "StacApi": "import api.gateway, api.stac.handler as app; api.gateway.adapter(app.PARTS)",
    "OdataApi": "import api.gateway, api.odata.handler; from swath import runtime; "
    "api.gateway.adapter(api.odata.handler.PARTS); runtime.stores(); runtime.handout()",
    "DownloadApi": "import api.gateway, api.download.handler as app; from swath import runtime; "
    "api.gateway.adapter(app.PARTS); runtime.stores(); runtime.handout()",
}


@dataclass(frozen=True)
class Hub:
    """A deployed stack."""

    endpoint: str
    outputs: dict[str, str]

    @property
    def address(self) -> str:
        """What a client of the API sees, without the scheme."""
        stage = "/live" if self.outputs["ApiUrl"].endswith("/live") else ""
        port = httpx.URL(self.endpoint).port
        return f"{self.outputs['ApiId']}.execute-api.localhost:{port}{stage}"

    def get(self, path: str, **params: str) -> httpx.Response:
        """Asks the API; its host name resolves nowhere, so the emulator is asked by number."""
        host, slash, stage = self.address.partition("/")
        with httpx.Client(base_url=self.endpoint, headers={"Host": host}, timeout=60) as client:
            answer = client.get(f"{slash}{stage}{path}", params=params)
        if answer.has_redirect_location:
            return self.get(self.path_of(answer.headers["location"]))
        return answer

    def path_of(self, href: str) -> str:
        """Where below the API's address a link leads."""
        _, _, where = href.partition("://")
        assert where.startswith(self.address), href
        return where.removeprefix(self.address)

    def drop(self, product: Path) -> None:
        with product.open("rb") as body:
            aws.client(self.endpoint, "s3").put_object(
                Bucket=self.outputs["InboxBucketName"], Key=product.name, Body=body
            )

    def migrate(self) -> dict[str, Any]:
        answer = aws.client(self.endpoint, "lambda").invoke(
            FunctionName=self.outputs["MigrateFunctionName"]
        )
        said = answer["Payload"].read()
        assert "FunctionError" not in answer, said
        result: dict[str, Any] = json.loads(said)
        return result

    def messages(self, queue: str) -> int:
        """Messages in a queue, those being handled included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = aws.client(self.endpoint, "sqs").get_queue_attributes(
            QueueUrl=self.outputs[queue], AttributeNames=names
        )
        return sum(int(found["Attributes"][name]) for name in names)


def run(*command: str | Path, **variables: str) -> None:
    """Runs a program in the checkout; what it said is shown when it fails."""
    quiet = {"SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**aws.without_aws(dict(os.environ)), **quiet, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}"


def name(product: Path) -> str:
    return product.name.partition(".")[0]


def wait_until(happened: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, record_testsuite_property: Callable[..., None]
) -> Iterator[Path]:
    """The functions as `sam build` makes them."""
    folder = tmp_path_factory.mktemp("sam") / "build"
    run("make", "-s", ".venv-sam/.installed", ".venv-aws/.installed")
    begun = time.monotonic()
    run(SAM, "build", "--build-dir", folder)
    record_testsuite_property("sam build, s", round(time.monotonic() - begun, 1))
    yield folder
    remove(folder.parent)


@pytest.fixture(scope="module")
def emulator(built: Path) -> Iterator[str]:
    """AWS on this machine, enforcing policies; its endpoint."""
    folder = built.parent
    port = free_port()
    endpoint = f"http://{LOOPBACK}:{port}"
    for scratch in ("state", "tmp"):
        (folder / scratch).mkdir()
    # Nothing of the test's own environment: function workers inherit this one.
    environment = aws.environment(endpoint) | {
        "PATH": os.defpath,
        "HOME": str(folder),
        "AUTH": "true",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder / 'no-docker.sock'}",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder / "tmp"),
        "PYTHONUNBUFFERED": "1",
    }
    child = start_child(
        [str(EMULATOR / "ministack")],
        log=folder / "emulator.log",
        environment=environment,
        end_signal=signal.SIGKILL,
    )
    try:
        wait_until(lambda: answers(f"{endpoint}/_ministack/health"), "the emulator is healthy")
        yield endpoint
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def hubs(
    built: Path,
    emulator: str,
    cluster: Cluster,
    record_testsuite_property: Callable[..., None],
) -> Iterator[dict[str, Hub]]:
    """Both kinds of API, each deployed with an empty database of its own and migrated."""
    made, databases = {}, []
    for kind in KINDS:
        stack = f"swath-ci-{kind.lower()}"
        databases.append(f"deployed_{kind.lower()}_{os.getpid()}")
        database = create_database(cluster, databases[-1])
        begun = time.monotonic()
        parameters = [f"ApiKind={kind}", f"DatabaseUrl={database}", "Stage=ci", "RequireTls=false"]
        # SAM looks for its configuration beside the template, which was built elsewhere.
        run(
            *(SAM, "deploy", "--stack-name", stack, "--template-file", built / "template.yaml"),
            *("--config-file", ROOT / "samconfig.toml", "--config-env", "ci"),
            *("--parameter-overrides", *parameters),
            **aws.environment(emulator),
        )
        record_testsuite_property(f"sam deploy {kind}, s", round(time.monotonic() - begun, 1))
        made[kind] = Hub(emulator, outputs(emulator, stack))
        assert made[kind].migrate()["applied"]
    yield made
    for made_for in databases:
        drop_database(cluster, made_for)


def outputs(endpoint: str, stack: str) -> dict[str, str]:
    [found] = aws.client(endpoint, "cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


@pytest.fixture(scope="module", params=KINDS)
def hub(request: pytest.FixtureRequest, hubs: dict[str, Hub]) -> Hub:
    """A hub behind one kind of API, then behind the other."""
    return hubs[request.param]


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two products of each mission, and one that stays undropped until it is asked for."""
    folder = tmp_path_factory.mktemp("products")
    return list(write_samples(folder, count=5, missions=MISSIONS, seed=11, layout="zip"))


@pytest.fixture(scope="module")
def found(hub: Hub, products: list[Path]) -> httpx.Response:
    """What a search answers when the dropped products are in the catalogue."""
    dropped = products[:4]
    for product in dropped:
        hub.drop(product)
    names = ",".join(name(product) for product in dropped)

    def search() -> httpx.Response:
        return hub.get("/stac/search", ids=names, limit="10")

    wait_until(lambda: len(search().raise_for_status().json()["features"]) == 4, names)
    return search()


@pytest.mark.parametrize("function", STARTS)
class TestArtifact:
    def test_it_is_small(self, built: Path, function: str) -> None:
        files = [file for file in (built / function).rglob("*") if file.is_file()]

        assert sum(file.stat().st_size for file in files) < MB_AT_MOST[function] * 1e6

    def test_it_starts_with_nothing_but_itself(self, built: Path, function: str) -> None:
        program = f"import sys; sys.path.insert(0, {str(built / function)!r}); {STARTS[function]}"

        # Isolated and without site-packages: the standard library and the artifact.
        run(
            *(EMULATOR / "python", "-I", "-S", "-B", "-c", program),
            SWATH_DATABASE_URL="postgresql://nobody@localhost/nothing",
        )

    def test_it_leaves_the_embedded_hub_at_home(self, built: Path, function: str) -> None:
        assert not (built / function / "swath/local").exists()
        assert not (built / function / "ministack").exists()
        assert (built / function / "swath/runtime.py").exists()

    def test_its_bytecode_comes_along_and_names_no_machine(
        self, built: Path, function: str
    ) -> None:
        [compiled] = (built / function / "swath/__pycache__").glob("runtime.*.pyc")

        assert b"/var/task/swath/runtime.py" in compiled.read_bytes()
        assert os.fsencode(built) not in compiled.read_bytes()


def test_dropped_products_are_found(found: httpx.Response, products: list[Path]) -> None:
    ids = {feature["id"] for feature in found.json()["features"]}

    assert ids == {name(product) for product in products[:4]}


def test_answers_are_geojson_as_text(found: httpx.Response) -> None:
    assert found.headers["content-type"].split(";")[0] == "application/geo+json"
    assert found.text.startswith("{")


def test_links_point_back_to_where_the_client_asked(hub: Hub, found: httpx.Response) -> None:
    page = found.json()
    nodes = [page, *page["features"]]
    links = [link for node in nodes for link in node["links"] if link["rel"] in LINKS_OF_OURS]

    assert {link["rel"] for link in links} == LINKS_OF_OURS
    for link in links:
        assert hub.path_of(link["href"]).startswith("/stac")


def test_an_item_is_where_its_link_says(hub: Hub, found: httpx.Response) -> None:
    feature = found.json()["features"][0]
    [link] = [link for link in feature["links"] if link["rel"] == "self"]

    answer = hub.get(hub.path_of(link["href"]))

    assert answer.json()["id"] == feature["id"]


@pytest.mark.parametrize("path", ["/", "/health", "/docs", "/stac", "/stac/collections"])
def test_every_part_of_the_api_answers(hub: Hub, path: str) -> None:
    assert hub.get(path).status_code == 200


def test_what_is_nowhere_is_not_found(hub: Hub) -> None:
    assert hub.get("/nowhere").status_code == 404


@pytest.mark.usefixtures("found")
def test_no_message_is_left_behind(hub: Hub) -> None:
    wait_until(lambda: hub.messages("IngestQueueUrl") == 0, "the queue is empty")

    assert hub.messages("IngestDlqUrl") == 0


def test_migrating_again_changes_nothing(hub: Hub) -> None:
    assert hub.migrate() == {"applied": []}


def test_a_function_can_do_what_its_policies_allow_and_nothing_else(
    hubs: dict[str, Hub], products: list[Path]
) -> None:
    allowed, forbidden = hubs["HttpApi"], hubs["RestApi"]
    function = aws.client(forbidden.endpoint, "lambda").get_function_configuration(
        FunctionName=forbidden.outputs["IngestFunctionName"]
    )
    aws.client(forbidden.endpoint, "iam").delete_role_policy(
        RoleName=function["Role"].rpartition("/")[2], PolicyName="ingest-product"
    )

    # In this order: when the second is found, there was time enough for the first.
    last = products[4]
    forbidden.drop(last)
    allowed.drop(last)

    def is_in(hub: Hub) -> bool:
        return bool(hub.get("/stac/search", ids=name(last)).raise_for_status().json()["features"])

    wait_until(lambda: is_in(allowed), name(last))
    assert not is_in(forbidden)
    assert forbidden.messages("IngestQueueUrl") == 1
