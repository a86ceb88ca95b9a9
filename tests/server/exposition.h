#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lockkeeper {

/// A text of metrics, read as strictly as its format allows.
struct ExpositionText {
  struct Family {
    std::string type;
    std::string help;
    std::map<std::string, double> samples;  ///< by `name{label="value",...}` as written
  };
  std::map<std::string, Family> families;
  std::vector<std::string>
      problems;  ///< breaches of the format, and of Prometheus' rules for names and units
};

ExpositionText ReadExposition(std::string_view text);

}  // namespace lockkeeper
