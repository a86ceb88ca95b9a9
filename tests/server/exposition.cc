#include "tests/server/exposition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <regex>

namespace lockkeeper {
namespace {

using Family = ExpositionText::Family;

/// Of https://prometheus.io/docs/practices/naming: base units only, and no abbreviations of them.
constexpr std::array kBadUnits{
    "milliseconds", "microseconds", "minutes",   "hours",     "days",    "ms",      "secs",  "sec",
    "kb",           "mb",           "megabytes", "kilobytes", "percent", "counter", "gauge", "histogram"};

std::vector<std::string> WordsOf(const std::string& name) {
  std::vector<std::string> words{""};
  for (char c : name) {
    if (c == '_') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

void CheckName(const std::string& name, const Family& family, std::vector<std::string>& problems) {
  static const std::regex kName("lockkeeper(_[a-z]+)+");
  auto wrong = [&](std::string_view what) { problems.push_back(fmt::format("{}: {}", name, what)); };
  if (!std::regex_match(name, kName)) wrong("is no name in lower case with the prefix lockkeeper_");
  if (family.help.empty() || family.help.back() != '.') wrong("its help is no sentence");
  if ((family.type == "counter") != name.ends_with("_total")) wrong("counters, and only they, end in _total");
  for (const char* suffix : {"_count", "_sum", "_bucket", "_created"}) {
    if (name.ends_with(suffix)) wrong("ends as a part of a histogram does");
  }
  for (const std::string& word : WordsOf(name)) {
    if (std::ranges::find(kBadUnits, word) != kBadUnits.end()) wrong("holds " + word);
  }
}

void CheckHistogram(const std::string& name, const Family& family, std::vector<std::string>& problems) {
  static const std::regex kBucket("[a-z_]+_bucket\\{le=\"([^\"]+)\"\\}");
  std::map<double, double> buckets;
  for (const auto& [series, value] : family.samples) {
    std::smatch match;
    if (std::regex_match(series, match, kBucket)) buckets[std::stod(match[1])] = value;
  }
  auto wrong = [&](std::string_view what) { problems.push_back(fmt::format("{}: {}", name, what)); };
  if (!family.samples.contains(name + "_sum") || !family.samples.contains(name + "_count"))
    return wrong("has no sum or count");
  if (buckets.empty() || !std::isinf(buckets.rbegin()->first)) return wrong("has no bucket +Inf");
  if (buckets.rbegin()->second != family.samples.at(name + "_count")) wrong("+Inf is not the count");
  if (!std::ranges::is_sorted(buckets, {}, [](const auto& bucket) { return bucket.second; }))
    wrong("is not cumulative");
}

class ExpositionReader {
 public:
  ExpositionText Read(std::string_view text) {
    if (!text.ends_with('\n')) Wrong("the last line has no end");
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      line_ = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      ReadLine();
    }
    for (const auto& [name, family] : read_.families) {
      if (family.samples.empty()) read_.problems.push_back(name + ": has no samples");
      CheckName(name, family, read_.problems);
      if (family.type == "histogram") CheckHistogram(name, family, read_.problems);
    }
    return std::move(read_);
  }

 private:
  void Wrong(std::string_view what) { read_.problems.push_back(fmt::format("{}: {}", what, line_)); }

  void ReadLine() {
    static const std::regex kHelp("# HELP ([a-z_]+) (.+)");
    static const std::regex kType("# TYPE ([a-z_]+) (counter|gauge|histogram)");
    static const std::regex kSample(
        "([a-z_]+)(\\{([a-z]+=\"([^\"\\\\\\n]|\\\\[\\\\\"n])*\",?)*\\})? ([0-9.eE+-]+|\\+Inf|NaN)");
    std::smatch match;
    if (std::regex_match(line_, match, kHelp)) {
      name_ = match[1];
      if (read_.families.contains(name_)) Wrong("a family is there twice");
      read_.families[name_].help = match[2];
    } else if (std::regex_match(line_, match, kType)) {
      if (match[1] != name_ || !read_.families[name_].type.empty())
        Wrong("a type without its help before it");
      read_.families[name_].type = match[2];
    } else if (std::regex_match(line_, match, kSample)) {
      Family& family = read_.families[name_];
      const std::string sample = match[1];
      const bool is_part =
          family.type == "histogram" &&
          (sample == name_ + "_bucket" || sample == name_ + "_sum" || sample == name_ + "_count");
      if (family.type.empty() || (sample != name_ && !is_part))
        Wrong("a sample that is not of the family before it");
      if (family.type != "histogram" && std::string(match[2]).find("le=\"") != std::string::npos)
        Wrong("le is for histograms");
      const double value = std::stod(match[5]);
      if (family.type != "gauge" && !(value >= 0)) Wrong("is negative");
      if (!family.samples.emplace(sample + std::string(match[2]), value).second) Wrong("is there twice");
    } else {
      Wrong("is no line of the format");
    }
  }

  ExpositionText read_;
  std::string line_;
  std::string name_;
};

}  // namespace

ExpositionText ReadExposition(std::string_view text) { return ExpositionReader().Read(text); }

}  // namespace lockkeeper
