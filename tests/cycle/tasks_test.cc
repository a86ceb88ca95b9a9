// Tasks in a repository: what is read of them, who may close them, and what an audit says.

#include <gmock/gmock.h>

#include "reconciler/core/status/task_file.h"
#include "reconciler/cycle/task_done.h"
#include "tests/cycle/audit_story.h"

namespace lockkeeper {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr const char* kTasks = R"(apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceTask
metadata: {name: review}
spec: {startTime: 2026-03-02T11:00:00Z, recurrence: FREQ=WEEKLY, dueWithin: 2d, checklist: ["read: it"]}
---
apiVersion: lockkeeper.dev/v1alpha1
kind: MaintenanceTask
metadata: {name: rotate, namespace: ops}
spec: {startTime: 2026-03-02T11:00:00Z, recurrence: FREQ=MONTHLY, matchers: []}
)";
constexpr const char* kDue = "2026-03-02T11:00:00Z";
constexpr const char* kReview = "status/tasks/review/2026-03-02.yaml";

class Tasks : public testing::Test {
 protected:
  Tasks() {
    story.temp().Commit({{"upgrades/tasks.yaml", kTasks}});
    story.Pass(kDue);
  }
  const FleetState& Read() {
    auto state = reader.Read(story.Head());
    if (!state) throw std::runtime_error(state.error().message);
    return **state;
  }
  Result<CommittedFiles> Close(TaskDoneRequest request) {
    request.by = "Ada";
    request.now = *ParseInstant("2026-03-02T12:00:00Z");
    return CommitFiles(story.repository(), reader,
                       {.author = {.name = "Ada", .email = "ada@example.com"}, .now = request.now},
                       [&](const FleetState& state, FleetReader&) -> Result<FileChanges> {
                         auto change = DecideTaskDone(state, request);
                         if (!change) return std::unexpected(change.error());
                         return change->changes;
                       });
  }

  AuditStory story;
  FleetReader reader{story.repository()};
};

TaskDoneRequest Request(std::string task) {
  return {.task = std::move(task), .date = {}, .cluster = {}, .by = {}, .note = {}, .now = {}};
}

TEST_F(Tasks, AreReadStepByStepAsAllAtOnce) {
  EXPECT_THAT(Read().tasks.book, SizeIs(3));
  ASSERT_TRUE(Close(Request("review")));
  story.Pass("2026-03-20T00:00:00Z");
  const TaskBook followed = Read().tasks.book;
  FleetReader cold(story.repository());
  auto state = cold.Read(story.Head());
  ASSERT_TRUE(state);
  EXPECT_EQ((*state)->tasks.book, followed);
  EXPECT_THAT(followed, SizeIs(5)) << "two more weeks have come";
  EXPECT_THAT(followed.begin()->second.checklist, testing::ElementsAre("read: it"));
}

TEST_F(Tasks, AFileThatDoesNotReadHoldsItsDateAlone) {
  story.temp().Commit({{kReview, "not: it\n"}});
  EXPECT_THAT(Read().tasks.broken,
              Contains(Pair("tasks/review/2026-03-02.yaml", HasSubstr("status rebuild"))));
  EXPECT_THAT(Read().tasks.book, SizeIs(2));
  EXPECT_TRUE(std::ranges::any_of(Read().fleet.diagnostics, [](const Diagnostic& d) {
    return d.file == kReview && d.code == "broken-status";
  }));
  const std::string before = story.Head();
  story.Pass("2026-03-05T00:00:00Z");
  EXPECT_EQ(story.Head(), before);
  story.Rebuild("2026-03-05T00:00:00Z");
  EXPECT_THAT(Read().tasks.broken, IsEmpty());
  story.Pass("2026-03-05T00:00:00Z");
  EXPECT_EQ(Read().tasks.book.begin()->second.state, TaskState::kOverdue);
}

TEST_F(Tasks, AFileInAnothersPlaceIsNotBelieved) {
  const std::string text = story.temp().Git({"show", std::string{"main:"} + kReview});
  story.temp().Commit({{"status/tasks/review/2026-03-09.yaml", text}});
  EXPECT_THAT(Read().tasks.broken,
              Contains(Pair("tasks/review/2026-03-09.yaml", HasSubstr("tasks/review/2026-03-02.yaml"))));
}

TEST_F(Tasks, ClosingSaysWhatIsMissing) {
  struct Row {
    TaskDoneRequest request;
    const char* says;
  };
  TaskDoneRequest one = Request("ops/rotate");
  one.cluster = "c9";
  TaskDoneRequest other_date = Request("review");
  other_date.date = std::chrono::local_days{std::chrono::year{2026} / 3 / 9};
  for (const Row& row : {
           Row{Request("reviw"), "there is no task 'reviw'"},
           Row{Request("ops/rotate"), "2 are open: 2026-03-02 of c1, 2026-03-02 of c2; say which"},
           Row{one, "nothing of that date and cluster is open; open is 2026-03-02 of c1"},
           Row{other_date, "open is 2026-03-02"},
       }) {
    auto closed = Close(row.request);
    ASSERT_FALSE(closed) << row.says;
    EXPECT_THAT(closed.error().message, HasSubstr(row.says));
  }
  ASSERT_TRUE(Close(Request("review")));
  auto again = Close(Request("review"));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message,
              HasSubstr("2026-03-02 is done already, since 2026-03-02T12:00:00Z by Ada"));
}

TEST_F(Tasks, AuditBelievesWhoDidItAndNothingElse) {
  TaskDoneRequest all = Request("ops/rotate");
  all.all = true;
  ASSERT_TRUE(Close(all));
  story.Pass("2026-03-10T00:00:00Z");
  EXPECT_THAT(story.Found(), IsEmpty());
}

TEST_F(Tasks, AuditFindsADueDateThatNeverCame) {
  story.Rewrite([](std::string& raw) {
    AuditStory::Replace(raw, "default/review 2026-03-02 open", "default/review 2026-03-03 open");
  });
  EXPECT_THAT(story.Found(), UnorderedElementsAre("not-decided  ", "altered-status default/up ",
                                                  "altered-status default/up "));
}

TEST_F(Tasks, AuditFindsAFileThatSomebodyChanged) {
  std::string text = story.temp().Git({"show", std::string{"main:"} + kReview});
  AuditStory::Replace(text, "state: open", "state: done\n  doneAt: 2026-03-02T11:30:00Z");
  story.temp().Commit({{kReview, text}});
  EXPECT_THAT(story.Found(), UnorderedElementsAre("altered-status  "));
  EXPECT_THAT(Read().tasks.broken, Contains(Pair("tasks/review/2026-03-02.yaml", HasSubstr("git revert"))));
}

}  // namespace
}  // namespace lockkeeper
