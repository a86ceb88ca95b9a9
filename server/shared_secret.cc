#include "server/shared_secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace lockkeeper {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Digest DigestOf(std::string_view text) {
  Digest digest{};
  SHA256(Bytes(text), text.size(), digest.data());
  return digest;
}

bool AreEqual(const Digest& a, const Digest& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ReadHex(std::string_view hex, Digest& digest) {
  if (hex.size() != digest.size() * 2) return false;
  for (size_t i = 0; i < digest.size(); ++i) {
    const int high = HexValue(hex[2 * i]), low = HexValue(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    digest[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return true;
}

Result<std::string> ReadSmallFile(const std::string& path) {
  auto wrong = [&](std::string_view what) { return Invalid(fmt::format("{}: {}", path, what)); };
  // A pipe without a writer would keep us waiting.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return wrong("cannot be opened: " + std::generic_category().message(errno));
  struct stat status{};
  std::string text(SharedSecret::kBytesMax + 1, '\0');
  const bool is_file = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  size_t size = 0;
  ssize_t got = is_file ? 1 : 0;
  while (got > 0 && size < text.size()) {
    got = ::read(fd, text.data() + size, text.size() - size);
    if (got > 0) size += static_cast<size_t>(got);
    if (got < 0 && errno == EINTR) got = 1;
  }
  const int number = errno;
  ::close(fd);
  if (!is_file) return wrong("is no file");
  if (got < 0) return wrong("cannot be read: " + std::generic_category().message(number));
  if (size > SharedSecret::kBytesMax)
    return wrong(fmt::format("is longer than {} bytes, so it is no token or key", SharedSecret::kBytesMax));
  text.resize(size);
  return text;
}

}  // namespace

Result<SharedSecret> SharedSecret::Read(const std::string& path) {
  auto text = ReadSmallFile(path);
  if (!text) return std::unexpected(text.error());
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t from = text->find_first_not_of(kSpace);
  if (from == std::string::npos) return Invalid(path + ": is empty; write the token or key into it");
  std::string word = text->substr(from, text->find_last_not_of(kSpace) - from + 1);
  if (word.find_first_of("\r\n") != std::string::npos)
    return Invalid(path + ": has several lines; one token or key is expected");
  return SharedSecret(std::move(word));
}

bool SharedSecret::Equals(std::string_view given) const {
  // Digests have one length, so that the time tells nothing of the secret's either.
  return AreEqual(DigestOf(text_), DigestOf(given));
}

bool SharedSecret::Signs(std::string_view bytes, std::string_view hex) const {
  Digest given{};
  if (!ReadHex(hex, given)) return false;
  Digest right{};
  const unsigned char* made = HMAC(EVP_sha256(), text_.data(), static_cast<int>(text_.size()), Bytes(bytes),
                                   bytes.size(), right.data(), nullptr);
  return made != nullptr && AreEqual(right, given);
}

}  // namespace lockkeeper
