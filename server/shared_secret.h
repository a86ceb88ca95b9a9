#pragma once

#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// A token or key that both sides know. It cannot be printed.
class SharedSecret {
 public:
  static constexpr size_t kBytesMax = size_t{4} << 10;

  /// Read anew for each use, since such files change while the daemon runs. Line ends and spaces around it do
  /// not count. kInvalid: the file cannot be read, is empty, too long, or holds several lines; no message
  /// holds anything of what is in it.
  static Result<SharedSecret> Read(const std::string& path);
  explicit SharedSecret(std::string text) : text_(std::move(text)) {}

  /// Takes as long whatever differs.
  bool Equals(std::string_view given) const;
  /// Whether `hex` is the HMAC-SHA256 of `bytes` under this key, in hexadecimal digits.
  bool Signs(std::string_view bytes, std::string_view hex) const;

 private:
  std::string text_;
};

}  // namespace lockkeeper
