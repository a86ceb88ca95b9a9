// The first byte says which answer of a Git server the rest is, and how it is cut into pieces. Whatever it
// is, it is read the same in one piece and in many, within limits, and words that come of it are fit for a
// terminal.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "gitops/remote/advertisement.h"
#include "gitops/remote/pack_answer.h"
#include "gitops/remote/report_status.h"
#include "schemas/assert.h"
#include "schemas/manifest/words.h"

namespace {

using namespace lockkeeper;

void CheckWords(const Error& error) {
  LK_ASSERT(!error.message.empty() && error.message.size() < 4000);
  LK_ASSERT(IsPrintable(error.message) && !error.message.contains('\n'));
}

// What was read, as a text that can be compared.
std::string ReadAdvertisement(std::string_view bytes, size_t piece, int kind) {
  AdvertisementReader reader({.service = (kind & 1) != 0 ? GitService::kReceivePack : GitService::kUploadPack,
                              .ref = (kind & 2) != 0 ? "refs/heads/main" : "",
                              .bytes_max = 10'000,
                              .announced = (kind & 4) != 0 ? Announced::kYes : Announced::kNo});
  for (size_t at = 0; at < bytes.size(); at += piece) {
    auto wants = reader.Take(bytes.substr(at, piece));
    if (!wants) {
      CheckWords(wants.error());
      return "error";
    }
  }
  return fmt::format("{} {} {} {}", reader.complete(), reader.ref(), reader.id().Hex(), reader.empty());
}

std::string ReadReport(std::string_view bytes, size_t piece, int kind) {
  ReportReader reader("refs/heads/main",
                      (kind & 1) != 0 ? ReportReader::Banded::kYes : ReportReader::Banded::kNo);
  for (size_t at = 0; at < bytes.size(); at += piece) {
    auto wants = reader.Take(bytes.substr(at, piece));
    if (!wants) {
      CheckWords(wants.error());
      return "error";
    }
  }
  auto verdict = reader.Verdict();
  LK_ASSERT(!verdict || reader.complete());
  LK_ASSERT(!verdict || bytes.contains("refs/heads/main") || (kind & 1) != 0);
  if (!verdict) CheckWords(verdict.error());
  return verdict ? "moved" : verdict.error().message;
}

std::string ReadPack(std::string_view bytes, size_t piece, int kind) {
  std::string pack;
  PackAnswerReader reader((kind & 1) != 0 ? PackAnswerReader::Banded::kYes : PackAnswerReader::Banded::kNo,
                          [&pack](std::string_view part) -> Result<void> {
                            pack += part;
                            return {};
                          });
  for (size_t at = 0; at < bytes.size(); at += piece) {
    auto wants = reader.Take(bytes.substr(at, piece));
    if (!wants) {
      CheckWords(wants.error());
      return "error";
    }
  }
  LK_ASSERT(pack.size() <= bytes.size());
  return fmt::format("{} {}", reader.complete(), pack);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const int kind = data[0] >> 2 & 7;
  const size_t piece = 1 + data[1] % 64;
  const auto read = [&](size_t pieces) {
    if ((data[0] & 3) == 0) return ReadAdvertisement(bytes, pieces, kind);
    if ((data[0] & 3) == 1) return ReadReport(bytes, pieces, kind);
    return ReadPack(bytes, pieces, kind);
  };
  const std::string whole = read(bytes.size() + 1);
  LK_ASSERT(read(piece) == whole);
  return 0;
}
