#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gitops/remote/remote_access.h"
#include "gitops/signature/allowed_signers.h"
#include "gitops/signature/open_signer.h"
#include "reconciler/cli/exit_code.h"
#include "reconciler/cli/output/output_format.h"
#include "schemas/instant.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace lockkeeper {

class CommandLine;

enum class LogFormat : uint8_t { kText, kJson };

/// What may be said before and after every command (SPEC 6).
struct GlobalOptions {
  std::string repo = ".";
  std::string branch;  ///< empty: the one that the repository's HEAD names
  std::optional<Instant> now;
  OutputFormat output = OutputFormat::kText;
  std::string log_level = "warn";
  LogFormat log_format = LogFormat::kText;
  ColorMode color = ColorMode::kAuto;
  std::string cache;  ///< empty: the user's own
  SigningKey signing_key;
  RemoteAccess access;
  AllowedSigners allowed_signers;
};

/// The same as they were written.
struct GlobalWords {
  std::string repo = ".";
  std::string branch;
  std::string now;
  std::string output = "text";
  std::string log_level = "warn";
  std::string log_format = "text";
  std::string color = "auto";
  std::string cache;
  SigningKey signing_key;
  RemoteAccess access;
  AllowedSigners allowed_signers;
};

/// `words` must outlive the parse.
void AddGlobalOptions(CommandLine& line, CLI::App& app, GlobalWords& words);

/// Words whose values CLI11 has checked already; `clock` is for a --now that is said from now.
CliResult<GlobalOptions> ReadGlobalOptions(const GlobalWords& words, Instant clock);

}  // namespace lockkeeper
