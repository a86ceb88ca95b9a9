#include "net/foreign_text.h"

#include "schemas/manifest/words.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

// Soft hyphens, joiners, marks and overrides of direction, separators of lines, tags, byte order marks.
bool IsInvisible(uint32_t code) {
  return code == 0xad || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
         (code >= 0xe0000 && code <= 0xe0fff);
}

bool IsWordCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsControl(uint32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

std::string WithoutControls(std::string_view line) {
  std::string clean;
  bool gap = false;
  while (!line.empty()) {
    const Utf8Character character = TakeUtf8(line);
    const uint32_t code = character.valid ? character.code : kReplacementCharacter;
    if (code == ' ' || IsControl(code)) {
      gap = true;
    } else if (!IsInvisible(code)) {
      if (gap && !clean.empty()) clean += ' ';
      gap = false;
      AppendUtf8(code, clean);
    }
  }
  return clean;
}

// Of URLs: what stands between :// and the last @ before the path.
void HideUserParts(std::string& text) {
  for (size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const size_t begin = at + 3;
    const size_t end = std::min(text.find_first_of("/?# \t\n'\"", begin), text.size());
    const size_t user_end = text.rfind('@', end == 0 ? 0 : end - 1);
    if (user_end == std::string::npos || user_end < begin) continue;
    text.replace(begin, user_end - begin, kHiddenText);
  }
}

}  // namespace

std::string OneLine(std::string_view foreign, size_t bytes_max) {
  std::string joined;
  while (!foreign.empty() && joined.size() <= bytes_max) {
    // A carriage return is how a progress line is written over.
    const size_t end = std::min(foreign.find_first_of("\r\n"), foreign.size());
    const std::string line = WithoutControls(foreign.substr(0, end));
    foreign.remove_prefix(std::min(end + 1, foreign.size()));
    if (line.empty()) continue;
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return Shortened(joined, bytes_max);
}

std::string WithoutSecrets(std::string text, const std::vector<Secret>& secrets) {
  for (const Secret& secret : secrets) {
    if (secret.empty()) continue;
    for (size_t at = text.find(secret.Reveal()); at != std::string::npos;
         at = text.find(secret.Reveal(), at + kHiddenText.size())) {
      text.replace(at, secret.Reveal().size(), kHiddenText);
    }
  }
  HideUserParts(text);
  return text;
}

std::string WithoutName(std::string text, std::string_view name) {
  const auto in_word = [&](size_t at) { return at < text.size() && IsWordCharacter(text[at]); };
  size_t at = name.empty() ? std::string::npos : text.find(name);
  while (at != std::string::npos) {
    const size_t end = at + name.size();
    const bool apart = (at == 0 || !in_word(at - 1)) && !in_word(end);
    if (apart) text.replace(at, name.size(), kHiddenText);
    at = text.find(name, apart ? at + kHiddenText.size() : at + 1);
  }
  return text;
}

}  // namespace lockkeeper
