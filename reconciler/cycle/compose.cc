#include "reconciler/cycle/compose.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "reconciler/core/status/write_status.h"
#include "reconciler/cycle/edit_files.h"

namespace lockkeeper {
namespace {

class Composer {
 public:
  Composer(const FleetState& state, FleetReader& reader)
      : state_(state), reader_(reader), book_(state.book), tasks_(state.tasks.book) {}

  Result<Composition> Run(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      CommitDraft draft{.writes = {},
                        .message = MessageOf(change),
                        .author_name = settings().commit.author_name,
                        .author_email = settings().commit.author_email,
                        .time = change.record.at};
      if (auto done = EditRefs(change, draft); !done) return std::unexpected(done.error());
      // The drafts are thrown away then; only who else is refused is still of interest.
      if (out_.refused.empty()) WriteStatusFiles(change, draft);
      if (auto done = WriteDocuments(change, draft); !done) return std::unexpected(done.error());
      if (failure_) return std::unexpected(*failure_);
      out_.drafts.push_back(std::move(draft));
    }
    return std::move(out_);
  }

 private:
  /// Whoever reads this commit must not take it for a word on files that it says nothing of.
  std::string MessageOf(const Change& change) const {
    if (state_.altered_files.empty()) return CommitMessage(change);
    Change with = change;
    with.record.held = state_.altered_files;
    return CommitMessage(with);
  }

  const FleetSettings& settings() const { return *state_.fleet.settings; }

  /// As of the commit before the one that is being made; kNotFound.
  Result<std::string> Read(const std::string& path) {
    if (auto written = written_.find(path); written != written_.end()) return written->second;
    auto text = reader_.ReadFile(path);
    if (!text) return std::unexpected(text.error());
    return std::string{*text};
  }

  void Write(const std::string& path, std::string content, CommitDraft& draft) {
    written_[path] = content;
    draft.writes.push_back({.path = path, .content = std::move(content), .remove = false});
  }

  Result<void> EditRefs(const Change& change, CommitDraft& draft) {
    auto edited = EditFiles(change, [&](const std::string& path) { return Read(path); });
    if (!edited) return std::unexpected(edited.error());
    for (auto& [path, text] : edited->texts) Write(path, std::move(text), draft);
    for (auto& [cluster, why] : edited->refused) out_.refused[cluster] = std::move(why);
    return {};
  }

  Result<void> WriteDocuments(const Change& change, CommitDraft& draft) {
    auto refused = RefusedManifests(change, [&](const std::string& path) { return Read(path); });
    if (!refused) return std::unexpected(refused.error());
    out_.refused.merge(*refused);
    for (const Document& document : change.documents) Write(document.path, document.text, draft);
    return {};
  }

  void WriteStatusFiles(const Change& change, CommitDraft& draft) {
    const std::string& folder = settings().status.path;
    auto read_history = [&](const std::string& path) -> std::string {
      auto text = Read(folder + path);
      if (text) return *std::move(text);
      // What cannot be carried on is begun anew, which the write then says; what may be readable later must
      // wait.
      if (text.error().kind != ErrorKind::kNotFound && text.error().kind != ErrorKind::kInvalid)
        failure_ = text.error();
      return {};
    };
    for (StatusWrite& write : WriteStatus(change.record, book_, read_history)) {
      if (!write.problem.empty())
        out_.problems.push_back(fmt::format("{}{}: {}", folder, write.path, write.problem));
      Write(folder + write.path, std::move(write.content), draft);
    }
    for (StatusWrite& write : WriteTasks(change.record, tasks_))
      Write(folder + write.path, std::move(write.content), draft);
  }

  const FleetState& state_;
  FleetReader& reader_;
  StatusBook book_;
  TaskBook tasks_;
  std::map<std::string, std::string> written_;
  std::optional<Error> failure_;
  Composition out_;
};

}  // namespace

Result<Composition> Compose(const std::vector<Change>& changes, const FleetState& state,
                            FleetReader& reader) {
  return Composer{state, reader}.Run(changes);
}

}  // namespace lockkeeper
