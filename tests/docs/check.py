#!/usr/bin/env python3
"""Holds the documents to the program, the sources and each other.

    check.py ROOT LOCKKEEPER    prints file:line: what is wrong, for every breach; exit code 1 if there is one
"""
import json
import pathlib
import re
import runpy
import subprocess
import sys

FENCE = re.compile(r"^(```|~~~).*?^\1\s*?$", re.M | re.S)
LINK = re.compile(r"\[(?:[^\]\n]|\n(?!\n))+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
# In code only, and where a command can begin: `lockkeeper plan`, `$ lockkeeper --repo x plan`, `a && lockkeeper plan`.
CALL = re.compile(
    r"(?:^[ \t]*(?:\$ )?|[`']|&& |; |\| |\$\()lockkeeper((?: +--?[a-z][\w-]*(?:[ =][^\s`'-][^\s`']*)?)*)"
    r" +([a-z][a-z-]*)(?: +([a-z][a-z-]*))?",
    re.M,
)
CODE = re.compile(r"^(```|~~~)[\s\S]*?^\1[ \t]*?$|^ {4}[^\n]+$|`[^`\n]+`", re.M)


class Page:
    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.folder = path.parent
        self.text = path.read_text(encoding="utf-8")
        # Lines stay where they are.
        self.prose = FENCE.sub(lambda m: "\n" * m.group(0).count("\n"), self.text)

    def line(self, position):
        return self.text.count("\n", 0, position) + 1

    def anchors(self):
        """As forges make them of headings."""
        found, count = set(), {}
        for match in HEADING.finditer(self.prose):
            slug = re.sub(r"[^\w\- ]", "", match.group(1).strip().lower()).replace(" ", "-")
            number = count[slug] = count.get(slug, -1) + 1
            found.add(slug if number == 0 else f"{slug}-{number}")
        return found


class Program:
    """What the program itself says that it can do."""

    def __init__(self, binary):
        self.binary = binary

    def complete(self, *words):
        out = subprocess.run([self.binary, "__complete", *words], capture_output=True, text=True, check=True).stdout
        return [line.split("\t")[0] for line in out.splitlines() if not line.startswith(":")]

    def commands(self):
        """Names as people write them: `status rebuild` too."""
        names = []
        for name in self.complete(""):
            names.append(name)
            below = subprocess.run([self.binary, name, "--help"], capture_output=True, text=True, check=True).stdout
            section = re.search(r"^Commands:\n((?:  .*\n)+)", below, re.M)
            if section:
                names += [f"{name} {word}" for word in re.findall(r"^  (\S+)", section.group(1), re.M)]
        return names

    def options(self, command):
        return {word for word in self.complete(*command.split(), "--") if word != "--help"}


def pages(root):
    top = sorted(root.glob("*.md")) + sorted((root / "docs").glob("*.md"))
    deep = [p for folder in ("bench", "examples", "tests") for p in sorted((root / folder).rglob("*.md"))]
    return [Page(root, path) for path in top + deep]


def page_of(all_pages, path, breaches):
    for page in all_pages:
        if page.path == path:
            return page
    breaches.append((path, 1, "is missing"))
    return None


def check_links(root, all_pages, breaches):
    by_path = {page.folder.joinpath(pathlib.Path(page.path).name): page for page in all_pages}
    for page in all_pages:
        for match in LINK.finditer(page.prose):
            target, _, anchor = match.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            file = (page.folder / target).resolve() if target else page.folder / pathlib.Path(page.path).name
            line = page.prose.count("\n", 0, match.start()) + 1
            if not file.exists():
                breaches.append((page.path, line, f"the link to {target} leads nowhere"))
            elif anchor and file in by_path and anchor not in by_path[file].anchors():
                breaches.append((page.path, line, f"{target or page.path} has no heading #{anchor}"))


def check_calls(all_pages, program, breaches):
    commands = set(program.commands())
    words = {name.split()[0] for name in commands}
    groups = {name.split()[0] for name in commands if " " in name}
    for page in all_pages:
        for code in CODE.finditer(page.text):
            # What follows a # in a shell's line is prose.
            text = re.sub(r"(?m)(?<=\s)#.*$", "", code.group(0))
            # A mistake that is shown with its message; examples.py runs it.
            text = re.sub(r'(?m)^\$ .*; echo "exit code \$\?"$', "", text)
            for match in CALL.finditer(text):
                line = page.line(code.start()) + text.count("\n", 0, match.start(2))
                if match.group(2) not in words:
                    breaches.append((page.path, line, f"there is no command 'lockkeeper {match.group(2)}'"))
                elif match.group(2) in groups and match.group(3) and f"{match.group(2)} {match.group(3)}" not in commands:
                    # `status UPGRADE` takes a name too.
                    behind = text[match.end(3):match.end(3) + 1]
                    if not re.search(r"-\w", match.group(3)) and not re.match(r"[\w-]", behind):
                        breaches.append((page.path, line, f"there is no command 'lockkeeper {match.group(2)} {match.group(3)}'"))


def check_commands(all_pages, program, breaches):
    page = page_of(all_pages, "docs/commands.md", breaches)
    if page is None:
        return
    anchors = page.anchors()
    shared = program.options("version")
    for name in program.commands():
        if name.replace(" ", "-") not in anchors:
            breaches.append((page.path, 1, f"the command '{name}' has no heading"))
            continue
        section = re.search(rf"^#+ {re.escape(name)}$(.*?)(?=^#|\Z)", page.prose, re.M | re.S)
        for option in sorted(program.options(name) - shared):
            if f"`{option}" not in section.group(1):
                breaches.append((page.path, page.line(section.start()), f"'{name}' does not describe {option}"))
    for option in sorted(shared):
        if f"`{option}" not in page.prose:
            breaches.append((page.path, 1, f"the global option {option} is not described"))
        variable = "LOCKKEEPER_" + option[2:].upper().replace("-", "_")
        if f"`{variable}`" not in page.prose:
            breaches.append((page.path, 1, f"the variable {variable} is not described"))


def check_planning(root, all_pages, breaches):
    page = page_of(all_pages, "docs/planning.md", breaches)
    if page is None:
        return
    source = (root / "reconciler/core/plan/gate.cc").read_text()
    gates = re.findall(r'"([a-z-]+)"', re.search(r"kGateNames\{(.*?)\};", source, re.S).group(1))
    rows = re.findall(r"^\| (\d+) \| `([a-z-]+)` \|", page.prose, re.M)
    if rows != [(str(i + 1), gate) for i, gate in enumerate(gates)]:
        breaches.append((page.path, 1, f"its table has the gates {[name for _, name in rows]}, the program {gates}"))
    actions = re.search(r"kActionNames\{(.*?)\};", (root / "reconciler/core/plan/decision.cc").read_text(), re.S)
    for action in re.findall(r'"([a-z]+)"', actions.group(1)):
        if f"`{action}`" not in page.prose:
            breaches.append((page.path, 1, f"the action {action} is not explained"))


def check_metrics(root, page, breaches):
    """Names, types and labels of server/metrics.cc against the page's table."""
    made = {}
    types = {"Timestamp": "gauge", "Histogram": "histogram", "kCounter": "counter", "kGauge": "gauge"}
    source = (root / "server/metrics.cc").read_text(encoding="utf-8")
    for call in re.finditer(r"\bout\.Add(?:(Timestamp|Histogram)\(|\((kCounter|kGauge),)(.*?)\);$", source, re.M | re.S):
        # The help is a sentence; a label is a word.
        name, *others = re.findall(r'"((?:[^"\\]|\\.)*)"', call.group(3))
        labels = [word for word in others if re.fullmatch("[a-z]+", word)]
        made[f"lockkeeper_{name}"] = (types[call.group(1) or call.group(2)], labels)
    told = {}
    for name, kind, labels in re.findall(r"^\| `(lockkeeper_\w+)` \| (\w+) \|([^|]*)\|", page.prose, re.M):
        told[name] = (kind, re.findall(r"`(\w+)`", labels))
    for name in sorted(made.keys() | told.keys()):
        if made.get(name) != told.get(name):
            breaches.append((page.path, 1, f"the metric {name} is {told.get(name)} here, and {made.get(name)} in server/metrics.cc"))


def check_api(root, all_pages, breaches):
    page = page_of(all_pages, "docs/api.md", breaches)
    if page is None:
        return
    check_metrics(root, page, breaches)
    paths = json.loads((root / "schemas/openapi.json").read_text(encoding="utf-8"))["paths"]
    rows = {path: (method, row) for path, method, row in re.findall(r"^\| `(/\S*)` \| (\w+) \|(.*)$", page.prose, re.M)}
    for path in sorted(paths.keys() | rows.keys()):
        methods = [method.upper() for method in paths.get(path, {})]
        method, row = rows.get(path, ("", ""))
        if methods != [method]:
            breaches.append((page.path, 1, f"the route {path} has {method or 'no method'} here, and {methods} in schemas/openapi.json"))
        for parameter in paths.get(path, {}).get("get", {}).get("parameters", []):
            if "name" in parameter and f"`{parameter['name']}`" not in row:
                breaches.append((page.path, 1, f"the route {path} has a parameter {parameter['name']}, which is not in its row"))


def check_trailers(root, all_pages, breaches):
    page = page_of(all_pages, "docs/planning.md", breaches)
    if page is None:
        return
    trailers = (root / "reconciler/core/status/trailers.cc").read_text()
    for trailer in sorted(set(re.findall(r'(?:Begin|Text)\("([A-Z][\w-]*)"', trailers))):
        if f"`Lockkeeper-{trailer}:" not in page.prose:
            breaches.append((page.path, 1, f"the trailer Lockkeeper-{trailer} is not explained"))


def check_dependencies(root, all_pages, breaches):
    page = page_of(all_pages, "docs/dependencies.md", breaches)
    if page is None:
        return
    cmake = (root / "cmake/LockkeeperDependencies.cmake").read_text()
    found = set(re.findall(r"^\s*find_package\((\S+)", cmake, re.M))
    found |= set(re.findall(r"^\s*pkg_check_modules\(\S+.*?(\S+)\)$", cmake, re.M))
    dev = (root / "dev").read_text()
    installed = set()
    for words in re.findall(r"^\w*packages=\((.*?)\)", dev, re.M | re.S):
        installed |= set(words.split())
    for words in re.findall(r'^\s*install "\$\{packages\[@\]\}"(.*)$', dev, re.M):
        installed |= {word for word in words.split() if not word.startswith('"')}
    rows = re.findall(r"^\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", page.prose, re.M)
    packages = {name for row in rows for name in re.findall(r"`([^`]+)`", row[1])}
    names = {name for row in rows for name in re.findall(r"`([^`]+)`", row[2])}
    for what, here, there, where in (
        ("package", packages, installed, "./dev"),
        ("CMake name", names, found, "cmake/LockkeeperDependencies.cmake"),
    ):
        for name in sorted(there - here):
            breaches.append((page.path, 1, f"the {what} {name} of {where} is not listed"))
        for name in sorted(here - there):
            breaches.append((page.path, 1, f"the {what} {name} is not in {where}"))
    for row in rows:
        if row[0].strip() and not row[3].strip():
            breaches.append((page.path, 1, f"{row[0].strip()}: says not what it is for"))


def check_layers(root, all_pages, breaches):
    page = page_of(all_pages, "ARCHITECTURE.md", breaches)
    if page is None:
        return
    table = runpy.run_path(str(root / "tests/layering/check.py"))["MAY_INCLUDE"]
    there = {folder for folder in table if (root / folder).is_dir()}
    section = page.prose.split("### Who may include whom", 1)[-1].split("\n## ", 1)[0]
    written = {}
    for folder, allowed in re.findall(r"^\| `([\w/]+)` \| (.*?) \|$", section, re.M):
        written[folder] = {"*"} if allowed == "all" else set(re.findall(r"`([\w/]+)`", allowed))
    for folder in sorted(there | set(written)):
        holds = {name for name in table.get(folder, []) if name == "*" or name in there}
        if folder not in there:
            breaches.append((page.path, 1, f"{folder} is not in the table of tests/layering/check.py"))
        elif written.get(folder) != holds:
            breaches.append((page.path, 1, f"{folder} may include {sorted(holds)}, and the page says otherwise"))


def check_folders(root, all_pages, breaches):
    """Every folder of code stands in the code map."""
    page = page_of(all_pages, "ARCHITECTURE.md", breaches)
    if page is None:
        return
    written = set(re.findall(r"`([\w/]+)/`", page.prose))
    for top in ("schemas", "reconciler/core", "gitops", "reconciler/cycle", "reconciler/cli"):
        folders = [top] + [f"{top}/{d.name}" for d in sorted((root / top).iterdir()) if d.is_dir() and top != "reconciler/cli"]
        for folder in folders:
            if folder not in written:
                breaches.append((page.path, 1, f"the folder {folder}/ is not in the code map"))


def check(root, program):
    breaches = []
    all_pages = pages(root)
    for path in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/manifests.md", "docs/releases.md"):
        page_of(all_pages, path, breaches)
    if not (root / "LICENSE").is_file():
        breaches.append(("LICENSE", 1, "is missing"))
    check_links(root, all_pages, breaches)
    check_calls(all_pages, program, breaches)
    check_commands(all_pages, program, breaches)
    check_planning(root, all_pages, breaches)
    check_trailers(root, all_pages, breaches)
    check_api(root, all_pages, breaches)
    check_dependencies(root, all_pages, breaches)
    check_layers(root, all_pages, breaches)
    check_folders(root, all_pages, breaches)
    return sorted(set(breaches))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    breaches = check(pathlib.Path(sys.argv[1]).resolve(), Program(sys.argv[2]))
    for path, line, why in breaches:
        print(f"{path}:{line}: {why}")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
