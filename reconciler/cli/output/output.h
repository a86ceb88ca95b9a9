#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "reconciler/cli/output/output_format.h"
#include "reconciler/cli/output/style.h"
#include "schemas/error.h"

namespace lockkeeper {

/// The result of a command, on its way to stdout. Kept back until Flush (which the program calls at the end)
/// or until there is much of it.
class Output {
 public:
  Output(int fd, OutputFormat format, Style style) : fd_(fd), format_(format), style_(style) {}
  /// Into `text`, up to `bytes_max` of it; past that Flush() is an error, and `text` is of no use.
  Output(std::string& text, size_t bytes_max, OutputFormat format)
      : text_(&text), bytes_max_(bytes_max), format_(format) {}

  OutputFormat format() const { return format_; }
  /// True where people read it; else the command gives one Value.
  bool is_text() const { return format_ == OutputFormat::kText; }
  const Style& style() const { return style_; }

  /// Bytes as they are: text of others goes through ForTerminal first.
  void Text(std::string_view text);
  /// As JSON, or as the same value in YAML. Once at most.
  void Value(const nlohmann::ordered_json& value);
  /// `head` with a list as its last member, whose items are made one after the other: it may be of any
  /// length.
  void Value(const nlohmann::ordered_json& head, std::string_view list, size_t size,
             const std::function<nlohmann::ordered_json(size_t)>& item);

  /// Nothing was written yet.
  bool is_empty() const { return pending_.empty() && written_ == 0; }

  /// Writes what is left. An error of this or an earlier write, such as a full disk. That the reader has gone
  /// away is none: it has seen enough.
  Result<void> Flush();

 private:
  void WriteOut();

  int fd_ = -1;
  std::string* text_ = nullptr;
  size_t bytes_max_ = 0;
  OutputFormat format_;
  Style style_;
  std::string pending_;
  size_t written_ = 0;
  int failed_errno_ = 0;
};

}  // namespace lockkeeper
