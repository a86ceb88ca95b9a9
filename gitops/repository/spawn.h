#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "gitops/repository/file_io.h"
#include "schemas/error.h"

namespace lockkeeper {

struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};
Result<Pipe> MakePipe();

struct ProgramCall {
  std::string program;                   ///< a path; no search
  std::vector<std::string> arguments;    ///< without the program's own name
  std::string folder;                    ///< working directory
  std::vector<std::string> environment;  ///< NAME=value, all there is
};

/// What the program gets besides: our ends of these are the caller's business.
struct ChildFiles {
  FileDescriptor input;
  FileDescriptor output;
  FileDescriptor errors;               ///< not open: `output` too
  std::vector<FileDescriptor> others;  ///< from kFirstChildFile on; their own numbers are above those
};
inline constexpr int kFirstChildFile = 3;

/// Starts a program in its own process group, without our signal settings. The group has the number of the
/// process.
Result<pid_t> Spawn(const ProgramCall& call, const ChildFiles& files);

/// Our environment without what would lead git elsewhere, and without our own settings, which may hold
/// secrets.
std::vector<std::string> InheritedEnvironment();

/// The path of a program on the PATH.
std::optional<std::string> FindOnPath(const std::string& name);

/// Exit code of a status of waitpid: 128 + the signal where one ended it.
int ExitCode(int wait_status);

}  // namespace lockkeeper
