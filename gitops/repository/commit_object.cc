#include "gitops/repository/commit_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "gitops/repository/commit_signer.h"
#include "gitops/repository/text_encoding.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

constexpr int64_t kLastSecond = 253402300799;  // 9999-12-31T23:59:59Z

struct Headers {
  std::string_view tree;
  std::vector<std::string_view> parents;
  std::string_view author;
  std::string_view committer;
  std::string_view encoding;
  std::string_view message;
};

Headers SplitHeaders(std::string_view bytes) {
  Headers headers;
  while (!bytes.empty() && bytes.front() != '\n') {
    size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.front() == ' ') continue;  // Continues a signature or a merged tag.
    size_t space = std::min(line.find(' '), line.size());
    std::string_view key = line.substr(0, space);
    std::string_view value = line.substr(std::min(space + 1, line.size()));
    if (key == "tree") headers.tree = value;
    if (key == "parent") headers.parents.push_back(value);
    if (key == "author") headers.author = value;
    if (key == "committer") headers.committer = value;
    if (key == "encoding") headers.encoding = value;
  }
  if (!bytes.empty()) headers.message = bytes.substr(1);
  return headers;
}

bool NamesLatin1(std::string_view encoding) {
  std::string name(encoding);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name == "iso-8859-1" || name == "latin1" || name == "latin-1" || name == "iso8859-1";
}

struct Identity {
  std::string_view name;
  std::string_view email;
  int64_t time = 0;
};

// `NAME <EMAIL> SECONDS ZONE`, and whatever old tools made of it.
Identity SplitIdentity(std::string_view line) {
  Identity identity;
  size_t open = std::min(line.find('<'), line.size());
  identity.name = line.substr(0, open);
  while (identity.name.ends_with(' ')) identity.name.remove_suffix(1);
  size_t close = line.rfind('>');
  if (close == std::string_view::npos || close < open) return identity;
  identity.email = line.substr(open + 1, close - open - 1);
  std::string_view time = line.substr(close + 1);
  while (time.starts_with(' ')) time.remove_prefix(1);
  auto parsed = std::from_chars(time.data(), time.data() + time.size(), identity.time);
  if (parsed.ec == std::errc::result_out_of_range) identity.time = time.starts_with('-') ? 0 : kLastSecond;
  identity.time = std::clamp<int64_t>(identity.time, 0, kLastSecond);
  return identity;
}

// Each further line of a header's value begins with a space.
std::string SignatureHeader(std::string_view signature) {
  while (signature.ends_with('\n')) signature.remove_suffix(1);
  std::string header = "gpgsig ";
  for (char c : signature) header += c == '\n' ? std::string("\n ") : std::string(1, c);
  return header + '\n';
}

Result<void> CheckDraft(const CommitDraft& draft) {
  if (draft.author_name.find_first_not_of(" .,:;<>\"\\'") == std::string::npos) {
    return Invalid(fmt::format("commit author '{}': a name is needed", draft.author_name));
  }
  for (const std::string& text : {draft.author_name, draft.author_email}) {
    bool controls =
        std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
    if (controls || text.find_first_of("<>") != std::string::npos || !IsUtf8(text)) {
      return Invalid(
          fmt::format("commit author '{}': Git allows no '<', '>' or control characters here, and UTF-8 only",
                      ToUtf8(text)));
    }
  }
  if (draft.message.find('\0') != std::string::npos || !IsUtf8(draft.message)) {
    return Invalid("commit message: it must be UTF-8 without NUL characters");
  }
  int64_t seconds = draft.time.time_since_epoch().count();
  if (seconds < 0 || seconds > kLastSecond) return Invalid("commit time: Git has no time before 1970");
  return {};
}

}  // namespace

Result<ParsedCommit> ParseCommit(const ObjectId& id, std::string_view bytes, WithRecord with_record) {
  Headers headers = SplitHeaders(bytes);
  auto malformed = [&] {
    return Fail(ErrorKind::kTransient, fmt::format("commit {} is malformed: run 'git fsck'", id.Hex()));
  };
  ParsedCommit commit;
  auto tree = ParseObjectId(headers.tree);
  if (!tree) return malformed();
  commit.tree = *tree;
  for (std::string_view parent : headers.parents) {
    auto parent_id = ParseObjectId(parent);
    if (!parent_id) return malformed();
    commit.parents.push_back(*parent_id);
    if (with_record == WithRecord::kYes) commit.record.parents.push_back(parent_id->Hex());
  }
  if (with_record == WithRecord::kNo) return commit;
  bool latin1 = NamesLatin1(headers.encoding);
  auto text = [latin1](std::string_view raw) { return latin1 ? Latin1ToUtf8(raw) : ToUtf8(raw); };
  Identity author = SplitIdentity(headers.author);
  commit.record.id = id.Hex();
  commit.record.message = text(headers.message);
  commit.record.author_name = text(author.name);
  commit.record.author_email = text(author.email);
  Identity committer = SplitIdentity(headers.committer);
  commit.record.committer_name = text(committer.name);
  commit.record.committer_email = text(committer.email);
  commit.record.time = Instant(Seconds(committer.time));
  return commit;
}

Result<std::string> FormatCommit(const ObjectId& tree, const ObjectId& parent, const CommitDraft& draft) {
  if (auto checked = CheckDraft(draft); !checked) return std::unexpected(checked.error());
  std::string identity = fmt::format("{} <{}> {} +0000", draft.author_name, draft.author_email,
                                     draft.time.time_since_epoch().count());
  std::string bytes = fmt::format("tree {}\n", tree.Hex());
  if (!parent.IsNone()) bytes += fmt::format("parent {}\n", parent.Hex());
  bytes += fmt::format("author {0}\ncommitter {0}\n", identity);
  const size_t headers_end = bytes.size();
  bytes += fmt::format("\n{}", draft.message);
  if (!bytes.ends_with('\n')) bytes += '\n';
  if (!draft.signer) return bytes;
  auto signature = draft.signer->Sign(bytes);
  if (!signature) return std::unexpected(signature.error());
  bytes.insert(headers_end, SignatureHeader(*signature));
  return bytes;
}

}  // namespace lockkeeper
