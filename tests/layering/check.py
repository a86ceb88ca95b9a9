#!/usr/bin/env python3
"""Holds the table of ARCHITECTURE.md: who may include whom, and what may stand where.

    check.py ROOT    prints file:line: what is wrong, for every breach; exit code 1 if there is one
"""
import pathlib
import re
import sys

# Folder -> folders it may include besides itself. The longest folder that holds a file is the file's.
MAY_INCLUDE = {
    "schemas": [],
    "reconciler/core": ["schemas"],
    "net": ["schemas"],
    "gitops": ["schemas", "net"],
    "k8s": ["schemas", "net"],
    "notify": ["schemas", "net"],
    "server": ["schemas", "reconciler/core"],
    "reconciler/cycle": ["schemas", "reconciler/core", "gitops"],
    "reconciler/cli": ["*"],
    "reconciler/daemon": ["*"],
    "bench": ["*"],
}

# Where libgit2 is used.
GIT_FOLDERS = ["gitops/repository", "gitops/remote"]

# Header (a regular expression over what stands in <> or "") -> the only folders or files that may include it.
ONLY_IN = {
    r"git2(\.h|/.*)": GIT_FOLDERS,
    r"yaml-cpp/.*": ["schemas/yaml"],
    r"libfyaml\.h": ["schemas/yaml"],
    r"absl/.*": ["reconciler/core/time"],
    r"valijson/.*": ["schemas/manifest"],
    r"curl/.*": ["net"],
    r"httplib\.h": ["server"],
    r"prometheus/.*": ["server"],
    r"CLI/.*": ["reconciler/cli"],
    r"spdlog/.*": ["reconciler/cli", "reconciler/daemon", "server"],
    r"benchmark/.*": ["bench"],
}

# Header -> where it must not be included: what decides knows no file, socket, thread, randomness or log.
NEVER_IN = {
    r"random|iostream|thread|unistd\.h|sys/.*|fcntl\.h|netdb\.h": ["schemas", "reconciler/core"],
    r"fstream|filesystem": ["schemas", "reconciler/core"],
}
# The zone database is on disk, and its version and names are read where zones are.
NEVER_IN_EXCEPT = {"reconciler/core/time": {"fstream", "filesystem"}}

# What has linkage: a second type of its name makes one of the two run the other's code, and no linker complains.
TYPE = re.compile(r"^(?:struct|class|enum(?:\s+class)?)\s+(\w+)(?:\s*final)?\s*(?::(?!:)[^;{]*)?\{", re.M)
UNNAMED = re.compile(r"^namespace \{$.*?(?:^\}  // namespace$|\Z)", re.M | re.S)

# At most one file may include it.
IN_ONE_FILE = [r"valijson/.*"]

CLOCK_FILE = "reconciler/cli/clock.cc"
CLOCK = re.compile(
    r"\b(?:system_clock|high_resolution_clock|utc_clock|tai_clock|gps_clock|file_clock)\s*::\s*now\b"
    r"|\btime\s*\(\s*(?:nullptr|NULL|0|&\w+)\s*\)"
    r"|\b(?:gettimeofday|clock_gettime|timespec_get|ftime)\s*\(|\babsl::Now\b"
)

# Names of a library that stay inside the folder of the header that needs them.
PRIVATE_NAMES = re.compile(r"\b(?:git_(?!dir\b)[a-z]\w*|fy_[a-z]\w*|curl_[a-z]\w*|CURL|YAML::|absl::|re2::|valijson::)")

VAGUE_NAMES = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|misc|common|stuff)(?:_|$)")

LINES_MAX = 400
SUFFIXES = {".h", ".cc"}
# Folders at the root without product code. Every other folder with sources must stand in the table.
OTHER_FOLDERS = {"tests", "build", "examples", "docs", "packaging", "cmake"}

TOKEN = re.compile(
    r'R"([^\s()\\]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'|//(?:\\\n|[^\n])*|/\*.*?\*/',
    re.S,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")', re.M)


def blank(match):
    """Keeps the lines where they are."""
    return " " + "\n" * match.group(0).count("\n")


def is_in(path, places):
    return any(path == place or path.startswith(place + "/") for place in places)


def folder_of(path):
    holders = [folder for folder in MAY_INCLUDE if is_in(path, [folder])]
    return max(holders, key=len, default=None)


class Source:
    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.code = TOKEN.sub(blank, self.text)
        self.folder = folder_of(self.path)
        # Comments go first, strings stay: an include's name may stand in quotes.
        uncommented = TOKEN.sub(lambda m: blank(m) if m.group(0)[0] == "/" else m.group(0), self.text)
        self.includes = [
            (uncommented.count("\n", 0, m.start()) + 1, m.group(1), m.group(2)) for m in INCLUDE.finditer(uncommented)
        ]

    def line_of(self, match):
        return self.code.count("\n", 0, match.start()) + 1


def sources(root):
    for top in sorted(root.iterdir()):
        if not top.is_dir() or top.name in OTHER_FOLDERS or top.name.startswith((".", "build")):
            continue
        for path in sorted(top.rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield Source(root, path)


def check_includes(source, root, breaches):
    allowed = MAY_INCLUDE[source.folder] + [source.folder]
    for line, system, own in source.includes:
        name = system or own
        if own is not None:
            target = folder_of(own)
            if not (root / own).is_file():
                breaches.append((source.path, line, f'"{own}" is no file, counted from the root of the project'))
            elif target is None:
                breaches.append((source.path, line, f'"{own}" is in no folder of the table'))
            elif "*" not in allowed and target not in allowed:
                breaches.append((source.path, line, f"{source.folder} must not include {target} ({own})"))
        for header, places in ONLY_IN.items():
            if re.fullmatch(header, name) and not is_in(source.path, places):
                breaches.append((source.path, line, f"<{name}> may be included only in {', '.join(places)}"))
        for header, places in NEVER_IN.items():
            if not re.fullmatch(header, name) or not is_in(source.path, places):
                continue
            if any(is_in(source.path, [place]) and name in names for place, names in NEVER_IN_EXCEPT.items()):
                continue
            breaches.append((source.path, line, f"<{name}> must not be included in {source.folder}"))


def check_source(source, root, breaches):
    lines = source.text.count("\n")
    if lines > LINES_MAX:
        breaches.append((source.path, lines, f"{lines} lines; split it where a reader would, at most {LINES_MAX}"))
    for part in pathlib.PurePosixPath(source.path).with_suffix("").parts:
        if VAGUE_NAMES.search(part):
            breaches.append((source.path, 1, f"the name '{part}' says nothing; name it after what is in it"))
    if source.folder is None:
        breaches.append((source.path, 1, "its folder is not in the table of tests/layering/check.py"))
        return
    if source.path.endswith(".h") and "#pragma once" not in source.code:
        breaches.append((source.path, 1, "#pragma once is missing"))
    if source.path != CLOCK_FILE:
        for match in CLOCK.finditer(source.code):
            breaches.append((source.path, source.line_of(match), f"the clock is read only in {CLOCK_FILE}; pass the instant"))
    check_includes(source, root, breaches)


def check_one_file(all_sources, breaches):
    for header in IN_ONE_FILE:
        users = [(s.path, line) for s in all_sources for line, system, own in s.includes if re.fullmatch(header, system or own)]
        files = sorted({path for path, _ in users})
        for path, line in users:
            if path != files[0]:
                breaches.append((path, line, f"{header} is included in {files[0]} already, and belongs in one file"))


def check_private_names(all_sources, breaches):
    """A header with a library's names in it may be included only from beside it."""
    names = {}
    for source in all_sources:
        match = PRIVATE_NAMES.search(source.code)
        if source.path.endswith(".h") and match:
            names[source.path] = match.group(0)
    for source in all_sources:
        for line, _, own in source.includes:
            if names.get(own, "").startswith("git_") and is_in(source.path, GIT_FOLDERS):
                continue
            if own in names and pathlib.PurePosixPath(own).parent != pathlib.PurePosixPath(source.path).parent:
                breaches.append((source.path, line, f"{own} names {names[own]} and is for its own folder only"))


def check_type_names(all_sources, breaches):
    """All of lockkeeper is one namespace, so a type that is not in an unnamed one has its name for itself."""
    first = {}
    for source in all_sources:
        # The end of an unnamed namespace is known by its comment.
        named = UNNAMED.sub(blank, source.text)
        for match in TYPE.finditer(TOKEN.sub(blank, named)):
            name = match.group(1)
            other = first.setdefault(name, source.path)
            if other != source.path:
                line = named.count("\n", 0, match.start()) + 1
                breaches.append((source.path, line, f"{other} has a type {name} already; a second one of that name breaks both"))


def check(root):
    breaches = []
    all_sources = list(sources(root))
    if not all_sources:
        breaches.append((".", 1, "there is no source file below it"))
    for source in all_sources:
        check_source(source, root, breaches)
    check_one_file(all_sources, breaches)
    check_private_names(all_sources, breaches)
    check_type_names(all_sources, breaches)
    return sorted(set(breaches))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    breaches = check(pathlib.Path(sys.argv[1]).resolve())
    for path, line, why in breaches:
        print(f"{path}:{line}: {why}")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
