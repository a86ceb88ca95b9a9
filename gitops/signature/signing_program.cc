#include "gitops/signature/signing_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>

#include "gitops/repository/spawn.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr size_t kSaidBytesMax = 400;

}  // namespace

Result<std::string> FindProgram(const std::string& name, const std::string& package) {
  if (auto path = FindOnPath(name)) return *path;
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
