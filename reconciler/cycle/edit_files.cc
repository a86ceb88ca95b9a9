#include "reconciler/cycle/edit_files.h"

#include <fmt/format.h>

#include <utility>

#include "gitops/edit/edit.h"

namespace lockkeeper {
namespace {

void Refuse(const Change& change, const std::string& file, const std::string& why, EditRefusals& refused) {
  for (const auto& [path, cluster] : change.clusters) {
    if (path == file) refused[cluster] = fmt::format("{}: the edit is refused: {}", file, why);
  }
}

}  // namespace

Result<EditedFiles> EditFiles(const Change& change, const ReadText& read) {
  EditedFiles out;
  for (auto begin = change.edits.begin(); begin != change.edits.end();) {
    const std::string& file = begin->file;
    std::vector<ScalarEdit> edits;
    for (; begin != change.edits.end() && begin->file == file; ++begin) {
      edits.push_back({begin->document, begin->path, &begin->expected, begin->value});
    }
    auto text = read(file);
    if (!text && text.error().kind != ErrorKind::kInvalid && text.error().kind != ErrorKind::kNotFound) {
      return std::unexpected(text.error());
    }
    auto edited = text ? SetScalars(*text, edits) : text;
    if (edited) {
      out.texts[file] = *std::move(edited);
    } else {
      Refuse(change, file, edited.error().message, out.refused);
    }
  }
  return out;
}

Result<EditRefusals> RefusedManifests(const Change& change, const ReadText& read) {
  EditRefusals refused;
  for (const Document& document : change.documents) {
    if (!document.proposal) continue;
    auto there = read(document.path);
    if (!there && there.error().kind == ErrorKind::kNotFound) continue;
    // What cannot be read is there all the same.
    if (!there && there.error().kind != ErrorKind::kInvalid) return std::unexpected(there.error());
    refused[document.path] =
        fmt::format("{} is there already; move it elsewhere, or remove it", document.path);
  }
  return refused;
}

Result<std::string> TrialEdits::Read(const std::string& path) {
  if (auto made = made_.find(path); made != made_.end()) return made->second;
  auto text = reader_.ReadFile(path);
  if (!text) return std::unexpected(text.error());
  return std::string{*text};
}

Result<EditRefusals> TrialEdits::Try(const std::vector<Change>& changes) {
  std::map<std::string, std::string> texts;
  EditRefusals refused;
  auto read = [&](const std::string& path) -> Result<std::string> {
    if (auto found = texts.find(path); found != texts.end()) return found->second;
    return Read(path);
  };
  for (const Change& change : changes) {
    auto edited = EditFiles(change, read);
    if (!edited) return std::unexpected(edited.error());
    for (auto& [path, text] : edited->texts) texts[path] = std::move(text);
    for (auto& [cluster, why] : edited->refused) refused[cluster] = std::move(why);
    auto manifests = RefusedManifests(change, read);
    if (!manifests) return manifests;
    refused.merge(*manifests);
    for (const Document& document : change.documents) texts[document.path] = document.text;
  }
  if (!refused.empty()) return refused;
  for (auto& [path, text] : texts) made_[path] = std::move(text);
  return refused;
}

}  // namespace lockkeeper
