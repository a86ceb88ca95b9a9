#!/usr/bin/env python3
"""Makes a fleet's repository to measure with: the same bytes, and the same commit ids, for the same arguments.

    make_fleet.py --clusters 10000 OUT.git        a bare repository, packed
    make_fleet.py --clusters 10000 --stream       a git fast-import stream on stdout

Two files for each cluster, in the shape that Giant Swarm's customers use (YAML inside YAML), a lockkeeper.yaml,
schedules, upgrades and a catalog of releases. On top of main, one branch `change-K` for each --change K: one commit
that moves K clusters to the next release, as a bump would.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys

COMMIT_TIME = 1767225600  # 2026-01-01T00:00:00Z
REGIONS = [("eu-central-1", "Europe/Berlin"), ("eu-north-1", "Europe/Stockholm"), ("us-east-1", "America/New_York"),
           ("ap-southeast-2", "Australia/Sydney"), ("sa-east-1", "America/Sao_Paulo")]
STAGES = ["dev"] * 2 + ["staging"] * 2 + ["prod"] * 6
INSTANCES = ["m6i.xlarge", "m6i.2xlarge", "r6i.2xlarge", "c6i.4xlarge"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
CLUSTERS_PER_ORGANIZATION = 500
ORGANIZATIONS_PER_INSTALLATION = 10

# A release of the catalog and its state; clusters run the active ones and some of the deprecated.
RELEASES = [(f"{major}.{minor}.{patch}", "active" if patch == 1 and minor >= 2 else "deprecated")
            for major in range(30, 35) for minor in range(5) for patch in range(2)] + [("35.0.0", "wip")]
CURRENT = ["32.4.1", "33.2.1", "33.4.1", "33.4.1", "33.4.1", "34.1.0"]
TARGET = "34.4.1"


class Cluster:
    def __init__(self, number, rng, schedules):
        organization = number // CLUSTERS_PER_ORGANIZATION
        self.name = f"c{number:06d}"
        self.organization = f"org{organization:03d}"
        installation = f"mc{organization // ORGANIZATIONS_PER_INSTALLATION:02d}"
        self.folder = (f"management-clusters/{installation}/organizations/{self.organization}/workload-clusters/"
                       f"{self.name}/mapi/cluster")
        self.region, _ = rng.choice(REGIONS)
        self.stage = rng.choice(STAGES)
        self.release = rng.choice(CURRENT)
        self.quoted = rng.random() < 0.3
        self.cidr = f"10.{rng.randrange(256)}.0.0/16"
        self.pools = [(f"worker{i + 1}", rng.choice(INSTANCES), rng.randrange(3, 6), rng.randrange(6, 30))
                      for i in range(rng.randrange(1, 4))]
        self.schedule = f"window-{rng.randrange(schedules):02d}"
        self.team = f"team-{rng.randrange(40):02d}"

    def app(self):
        return f"""apiVersion: application.giantswarm.io/v1alpha1
kind: App
metadata:
  labels:
    app-operator.giantswarm.io/version: 0.0.0
    giantswarm.io/managed-by: flux
  name: {self.name}
  namespace: org-{self.organization}
spec:
  catalog: cluster
  kubeConfig:
    inCluster: true
  name: cluster-aws
  namespace: org-{self.organization}
  userConfig:
    configMap:
      name: {self.name}-userconfig
      namespace: org-{self.organization}
  version: ""
"""

    def user_config(self):
        pools = "".join(f"""
        {name}:
          availabilityZones:
          - {self.region}a
          - {self.region}b
          instanceType: {instance}
          maxSize: {high}
          minSize: {low}""" for name, instance, low, high in self.pools)
        release = f'"{self.release}"' if self.quoted else self.release
        return f"""apiVersion: v1
data:
  values: |
    # what {self.team} set for {self.name}
    global:
      connectivity:
        availabilityZoneUsageLimit: 3
        network:
          vpcCidr: {self.cidr}
        topology: {{}}
      controlPlane:
        instanceType: m6i.xlarge
      metadata:
        description: "{self.team}: {self.stage}"
        name: {self.name}
        organization: {self.organization}
        preventDeletion: {str(self.stage == "prod").lower()}
      nodePools:{pools}
      providerSpecific:
        awsClusterRoleIdentityName: default
        region: {self.region}
      release:
        version: {release}
kind: ConfigMap
metadata:
  labels:
    giantswarm.io/cluster: {self.name}
    giantswarm.io/organization: {self.organization}
    lockkeeper.dev/maintenance-schedule: {self.schedule}
    region: {self.region}
    stage: {self.stage}
    team: {self.team}
  name: {self.name}-userconfig
  namespace: org-{self.organization}
"""


def fleet_manifest():
    return """apiVersion: lockkeeper.dev/v1alpha1
kind: Fleet
metadata: {name: bench}
spec:
  manifests: [upgrades/]
  releases: [releases/]
  inventory:
  - profile: giantswarm-user-config
    include: ["management-clusters/**/workload-clusters/**"]
    labels: {provider: aws}
"""


def schedules_manifest(count, rng):
    documents = []
    for i in range(count):
        _, zone = REGIONS[i % len(REGIONS)]
        days = ",".join(sorted(rng.sample(DAYS, rng.randrange(1, 6)), key=DAYS.index))
        hour = rng.randrange(24)
        documents.append(f"""apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceSchedule
metadata: {{name: window-{i:02d}}}
spec:
  timeZone: {zone}
  maintenanceWindows:
  - name: weekly
    startTime: 2021-03-10T{hour:02d}:00:00
    duration: {rng.randrange(2, 9)}h
    recurrence: FREQ=WEEKLY;BYDAY={days}
  maintenanceExclusions:
  - name: month-start
    startTime: 2021-03-01T00:00:00
    duration: {rng.randrange(1, 4)}d
    recurrence: FREQ=MONTHLY
""")
    return "---\n".join(documents)


def upgrades():
    for name, matcher, target in [
        ("dev", "{key: stage, value: dev}", TARGET),
        ("staging-europe", "{key: stage, value: staging}, {key: region, value: eu-.*, isRegex: true}", TARGET),
        ("everything", "{key: provider, value: aws}", TARGET),
        ("team-07-stays-behind", "{key: team, value: team-07}", "33.4.1"),
    ]:
        yield f"upgrades/{name}.yaml", f"""apiVersion: lockkeeper.dev/v1alpha1
kind: ClusterUpgrade
metadata: {{name: {name}}}
spec:
  matchers: [{matcher}]
  releaseRef: {{apiVersion: release.giantswarm.io/v1alpha1, kind: Release, name: aws-{target}}}
  startTime: 2026-01-05T07:00:00Z
"""


def release_manifest(version, state):
    major, minor, patch = (int(part) for part in version.split("."))
    apps = "".join(f"  - name: app-{i:02d}\n    version: {major - 29}.{minor}.{i}\n" for i in range(30))
    return f"""apiVersion: release.giantswarm.io/v1alpha1
kind: Release
metadata:
  name: aws-{version}
spec:
  apps:
{apps}  components:
  - name: cluster-aws
    catalog: cluster
    version: {major - 28}.{minor}.{patch}
  - name: kubernetes
    version: 1.{major}.{minor * 2 + patch}
  date: "2025-{1 + minor * 2:02d}-01T00:00:00Z"
  state: {state}
"""


class Stream:
    """git fast-import's input. Every path and text here is plain ASCII."""

    def __init__(self, out):
        self.out = out

    def commit(self, branch, message, parent=None):
        mark = "" if parent else "mark :1\n"
        person = f"bench <bench@example.com> {COMMIT_TIME} +0000"
        start = f"from {parent}\n" if parent else ""
        self.out.write(f"commit {branch}\n{mark}author {person}\ncommitter {person}\ndata {len(message)}\n{message}\n{start}".encode())

    def file(self, path, text):
        data = text.encode()
        self.out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))


def write_stream(out, clusters, seed, schedules, changes):
    rng = random.Random(seed)
    stream = Stream(out)
    stream.commit("refs/heads/main", f"Make a fleet of {clusters} clusters\n")
    stream.file("lockkeeper.yaml", fleet_manifest())
    stream.file("upgrades/schedules.yaml", schedules_manifest(schedules, rng))
    for path, text in upgrades():
        stream.file(path, text)
    for version, state in RELEASES:
        stream.file(f"releases/v{version}/release.yaml", release_manifest(version, state))
    made = [Cluster(number, rng, schedules) for number in range(clusters)]
    for cluster in made:
        stream.file(cluster.folder + "/cluster.yaml", cluster.app())
        stream.file(cluster.folder + "/cluster_user_config.yaml", cluster.user_config())
    for change in changes:
        stream.commit(f"refs/heads/change-{change}", f"Upgrade {change} clusters to aws-{TARGET}\n", ":1")
        for cluster in random.Random(seed + change).sample(made, change):
            before, cluster.release = cluster.release, TARGET
            stream.file(cluster.folder + "/cluster_user_config.yaml", cluster.user_config())
            cluster.release = before
    out.write(b"done\n")
    out.flush()


def git(*arguments, **options):
    # Nobody's configuration, so that the result depends on the arguments alone.
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(["git", *arguments], check=True, env=environment, **options)


def make_repository(path, options):
    partial = path + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    git("init", "--quiet", "--bare", "--initial-branch=main", partial)
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    importer = subprocess.Popen(["git", "-C", partial, "fast-import", "--quiet", "--done"], stdin=subprocess.PIPE,
                                env=environment)
    try:
        with importer.stdin as out:
            write_stream(out, options.clusters, options.seed, options.schedules, options.change)
    except BrokenPipeError:
        pass  # fast-import said why, and its exit code says that it failed
    if importer.wait() != 0:
        sys.exit("make_fleet.py: git fast-import failed")
    # As a clone from a server comes: one pack with deltas.
    git("-C", partial, "-c", "pack.threads=2", "repack", "-adfq", "--depth=50")
    git("-C", partial, "pack-refs", "--all")
    os.rename(partial, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--schedules", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--change", type=int, action="append", default=[], metavar="K", help="make a branch change-K")
    parser.add_argument("--stream", action="store_true", help="write the fast-import stream to stdout")
    parser.add_argument("out", nargs="?", help="the bare repository to make; must not exist")
    options = parser.parse_args()
    if options.clusters < 1 or options.schedules < 1 or any(not 1 <= k <= options.clusters for k in options.change):
        parser.error("--clusters and --schedules must be at least 1, --change between 1 and --clusters")
    if options.stream == bool(options.out):
        parser.error("give either OUT or --stream")
    if options.stream:
        write_stream(sys.stdout.buffer, options.clusters, options.seed, options.schedules, options.change)
        return
    if os.path.exists(options.out):
        parser.error(f"{options.out} exists already")
    make_repository(options.out, options)


if __name__ == "__main__":
    main()
