#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schemas/error.h"

namespace lockkeeper {

/// RefRule::format as it is written in a rule: SPEC 2.2's format, `{v}` and `{*}`.
class RefFormat {
 public:
  /// Empty text is `{v}{version}`. kInvalid says what is wrong.
  static Result<RefFormat> Parse(std::string_view text);

  /// A value that has the format's literal text in the right places.
  struct Match {
    std::string before;  ///< of the value, all up to the version
    std::string core;    ///< what stands where the version should
    std::string after;
  };
  std::optional<Match> Find(std::string_view value) const;

  /// The format of this one value: literal text for `{v}` and `{*}`.
  std::string Concrete(const Match& match) const;
  bool is_component() const { return placeholder_ != "{version}"; }

 private:
  bool any_before_ = false;
  std::string before_;
  bool optional_v_ = false;
  std::string placeholder_ = "{version}";
  std::string after_;
  bool any_after_ = false;
};

}  // namespace lockkeeper
