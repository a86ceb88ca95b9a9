#include "gitops/signature/signing_program.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";
constexpr size_t kSaidBytesMax = 400;

bool IsProgram(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<std::string> FindProgram(const std::string& name, const std::string& package) {
  const char* variable = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  std::string_view folders = variable == nullptr ? kDefaultPath : variable;
  while (!folders.empty()) {
    const size_t end = std::min(folders.find(':'), folders.size());
    const std::string path = fmt::format("{}/{}", folders.substr(0, end), name);
    // A folder without a name is the current one, which others may write to.
    if (folders.front() == '/' && IsProgram(path)) return path;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return Fail(ErrorKind::kDenied,
              fmt::format("{}: there is no such program on the PATH, and signatures need it: install the "
                          "package {}",
                          name, package));
}

std::vector<std::string> ProgramEnvironment() {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    // Its words are read by us.
    const bool speaks = text.starts_with("LC_") || text.starts_with("LANG");
    if (!speaks && !text.starts_with("LOCKKEEPER_")) environment.emplace_back(text);
  }
  environment.emplace_back("LC_ALL=C");
  return environment;
}

std::string SaidLine(const ChildOutcome& outcome) {
  std::string said = ToUtf8(outcome.errors.empty() ? outcome.output : outcome.errors);
  if (said.size() > kSaidBytesMax) {
    size_t end = kSaidBytesMax;
    while (end > 0 && (static_cast<unsigned char>(said[end]) & 0xC0) == 0x80) --end;
    said.resize(end);
  }
  std::string line;
  for (char c : said) {
    if (c == '\r') continue;
    const bool control = static_cast<unsigned char>(c) < ' ' && c != '\n';
    line += c == '\n' ? "; " : std::string(1, control ? ' ' : c);
  }
  while (line.ends_with("; ")) line.resize(line.size() - 2);
  return line;
}

}  // namespace lockkeeper
