#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace lockkeeper {

/// tests/remote/serve.py at work: a real apache2 or sshd over the bare repositories of a folder, until this
/// ends.
class ServedRemote {
 public:
  enum class Kind { kHttp, kSsh };
  /// `options` as serve.py has them. Throws std::runtime_error where it does not start.
  ServedRemote(Kind kind, const std::string& root, const std::vector<std::string>& options = {});
  ServedRemote(const ServedRemote&) = delete;
  ServedRemote& operator=(const ServedRemote&) = delete;
  ~ServedRemote();

  /// A program that it needs is not installed: then nothing else works, and the test is to be skipped.
  bool missing() const { return missing_; }
  /// What it answers by name: url, port, ca_file, key_file ...
  const std::string& operator[](const std::string& name) const;
  /// Changes what is asked of clients: Tell("password", "new").
  void Tell(const std::string& name, const std::string& value);

 private:
  std::string ReadLine() const;

  pid_t process_ = 0;
  int input_ = -1;
  int output_ = -1;
  bool missing_ = false;
  std::map<std::string, std::string> answer_;
};

}  // namespace lockkeeper
