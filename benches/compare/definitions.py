"""Makes the definitions that the comparison runs over.

Everything comes from one seed, so two runs, and two machines, measure the same bytes. It knows Marathon's shape and
nothing of pullcreds or its peers.

Each app is made in two variants that differ in one place only: *clean* names the credential archive in `fetch`,
*missing* has no `fetch`. So the missing variant has one finding and one fix a file, and the clean variant says what a
right injection must come to.
"""

import json
import random
from pathlib import Path

HOST = "registry.example.com"
ARCHIVE = "file:///etc/docker.tar.gz"
SEED = 20161121
MEGABYTE = 1_000_000

POLICY = f"""\
[[registry]]
match = "{HOST}"
archive = "{ARCHIVE}"
secret = "{{top}}/pullConfig"
"""

TEAMS = (
    "payments search identity catalogue checkout shipping pricing mail reports media "
    "ledger loyalty fraud support routing stock partners mobile insight platform"
).split()
AREAS = (
    "api worker web gateway batch stream index cache admin export import audit "
    "notify render score match quote refund session token rules feed sync store hooks"
).split()
NOUNS = (
    "orders invoices users sessions prices baskets parcels labels events metrics images "
    "offers returns vouchers accounts routes depots letters alerts jobs"
).split()
# Tabs and four spaces stand in people's repositories beside the usual two.
INDENTS = (2, 2, 2, 2, 2, 2, 2, 4, 4, "\t")


def app(rng: random.Random, team: str, area: str, number: int) -> dict:
    """One app of about 2 KB when printed, without `fetch`."""
    noun = rng.choice(NOUNS)
    name = f"{noun}-{number}"
    port = rng.randrange(8000, 9999)
    if rng.random() < 0.3:
        image, pinned = f"{HOST}/{team}/{area}-{noun}@sha256:{rng.randbytes(32).hex()}", True
    else:
        image, pinned = f"{HOST}/{team}/{area}-{noun}:{rng.randrange(9)}.{rng.randrange(40)}.{rng.randrange(20)}", False
    definition = {
        "id": f"/{team}/{area}/{name}",
        "instances": rng.choice((1, 2, 2, 3, 4, 8)),
        "cpus": rng.choice((0.1, 0.25, 0.5, 1, 2)),
        "mem": rng.choice((128, 256, 512, 1024, 2048)),
        "disk": 0,
        "args": ["--listen", f"0.0.0.0:{port}", "--profile", rng.choice(("staging", "production"))],
        "env": environment(rng, team, area, noun),
        "container": {
            "type": "DOCKER",
            "docker": {
                "image": image,
                "network": "BRIDGE",
                "privileged": False,
                # A mutable tag that is never pulled again is worth an info of its own; these are to have no second finding.
                "forcePullImage": not pinned,
                "portMappings": [
                    {"containerPort": port, "hostPort": 0, "servicePort": 10000 + number % 9000, "protocol": "tcp"}
                ],
                "parameters": [{"key": "log-driver", "value": "journald"}],
            },
            "volumes": [{"containerPath": "/var/log/app", "hostPath": f"/var/log/{team}/{name}", "mode": "RW"}],
        },
        "portDefinitions": [{"port": 10000 + number % 9000, "protocol": "tcp", "name": "http", "labels": {}}],
        "healthChecks": [
            {
                "protocol": "MESOS_HTTP",
                "path": rng.choice(("/health", "/ping", "/status?full=1")),
                "portIndex": 0,
                "gracePeriodSeconds": rng.choice((30, 60, 300)),
                "intervalSeconds": rng.choice((5, 10, 30)),
                "timeoutSeconds": 10,
                "maxConsecutiveFailures": 3,
            }
        ],
        "constraints": [["hostname", "UNIQUE"], ["rack", "GROUP_BY", str(rng.randrange(2, 5))]],
        "labels": {
            "team": team,
            "owner": f"{team}@example.com",
            "HAPROXY_GROUP": rng.choice(("internal", "external")),
            "HAPROXY_0_VHOST": f"{name}.{team}.example.com",
            "description": f"Keeps the {noun} of {team} \u2013 asked by \"{area}\"",
        },
        "upgradeStrategy": {"minimumHealthCapacity": rng.choice((0.5, 0.75, 1)), "maximumOverCapacity": 0.25},
        "backoffSeconds": 1,
        "backoffFactor": 1.15,
        "maxLaunchDelaySeconds": 3600,
        "killSelection": "YOUNGEST_FIRST",
        "acceptedResourceRoles": ["*"],
    }
    return definition


def environment(rng: random.Random, team: str, area: str, noun: str) -> dict:
    """A few variables, always some, as services have them."""
    variables = {
        "JAVA_OPTS": f"-Xmx{rng.choice((96, 192, 384, 768))}m -XX:+UseG1GC",
        "DATABASE_URL": f"jdbc:postgresql://{team}-db.marathon.l4lb.thisdcos.directory:5432/{noun}",
        "KAFKA_BROKERS": "broker-0.kafka.mesos:9092,broker-1.kafka.mesos:9092",
        "STATSD_HOST": "statsd.marathon.mesos",
        "LOG_LEVEL": rng.choice(("debug", "info", "warn")),
        "FEATURES": ",".join(rng.sample(NOUNS, rng.randrange(1, 5))),
        "ZOOKEEPER": f"zk://master.mesos:2181/{team}/{area}",
    }
    kept = rng.sample(sorted(variables), rng.randrange(3, len(variables) + 1))
    return {name: variables[name] for name in kept}


def app_of(size: int) -> str:
    """One app of about this many bytes, printed: what is beyond its usual two kilobytes is variables."""
    rng = random.Random(SEED)
    definition = app(rng, TEAMS[0], AREAS[0], 1)
    while len(text := printed(definition, 2)) < size:
        definition["env"][f"SETTING_{len(definition['env'])}"] = rng.randbytes(rng.randrange(4, 40)).hex()
    return text


def with_fetch(definition: dict) -> dict:
    """The clean variant of an app."""
    return definition | {"fetch": [{"uri": ARCHIVE}]}


def printed(definition, indent) -> str:
    """As an editor leaves it: non-ASCII as it is, a final newline."""
    return json.dumps(definition, indent=indent, ensure_ascii=False) + "\n"


def tree_apps(count: int):
    """Yields `(path, app, indent)`, without `fetch`, spread over folders by team and area."""
    rng = random.Random(SEED)
    for number in range(count):
        team = TEAMS[number % len(TEAMS)]
        area = AREAS[number // len(TEAMS) % len(AREAS)]
        definition = app(rng, team, area, number)
        yield Path(team, area, definition["id"].rsplit("/", 1)[1] + ".json"), definition, rng.choice(INDENTS)


def make_trees(folder: Path, count: int) -> None:
    """Writes `clean/` and `missing/`, one app a file, and `missing.json` and `clean.json`, the same apps as one array."""
    arrays = {variant: open(folder / f"{variant}.json", "w", encoding="utf-8") for variant in ("clean", "missing")}
    for array in arrays.values():
        array.write("[\n")
    for number, (path, definition, indent) in enumerate(tree_apps(count)):
        for variant, value in (("clean", with_fetch(definition)), ("missing", definition)):
            file = folder / variant / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(printed(value, indent), encoding="utf-8")
            arrays[variant].write((",\n" if number else "") + indented(value, 1))
    for array in arrays.values():
        array.write("\n]\n")
        array.close()


def indented(value, depth: int) -> str:
    """The value printed with two spaces, moved `depth` levels to the right."""
    margin = "  " * depth
    return margin + json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\n" + margin)


def make_group(folder: Path, megabytes: int) -> None:
    """Writes `group-clean-N.json` and `group-missing-N.json`: a root group of teams, of areas, of apps.

    The areas' lists are filled until the clean file has its megabytes; with 20 × 25 areas even 100 MB leaves lists of a
    size that people have.
    """
    rng = random.Random(SEED + megabytes)
    areas = max(1, min(len(AREAS), megabytes * MEGABYTE // (len(TEAMS) * 4 * 2300)))
    share = megabytes * MEGABYTE / (len(TEAMS) * areas)
    files = {
        variant: open(folder / f"group-{variant}-{megabytes}.json", "w", encoding="utf-8")
        for variant in ("clean", "missing")
    }

    def write(text: str) -> None:
        for file in files.values():
            file.write(text)

    number = 0
    write('{\n  "id": "/",\n  "groups": [')
    for team_number, team in enumerate(TEAMS):
        write(("," if team_number else "") + f'\n    {{\n      "id": "/{team}",\n      "groups": [')
        for area_number, area in enumerate(AREAS[:areas]):
            write(("," if area_number else "") + f'\n        {{\n          "id": "/{team}/{area}",\n          "apps": [')
            start = files["clean"].tell()
            first = True
            while first or files["clean"].tell() - start < share:
                definition = app(rng, team, area, number)
                write("\n" if first else ",\n")
                files["clean"].write(indented(with_fetch(definition), 6))
                files["missing"].write(indented(definition, 6))
                number, first = number + 1, False
            write("\n          ]\n        }")
        write("\n      ]\n    }")
    write("\n  ]\n}\n")
    for file in files.values():
        file.close()
