#include <git2.h>

#include <random>

#include "gitops/repository/commit_object.h"
#include "gitops/repository/object_id.h"
#include "gitops/repository/pack_format.h"
#include "gitops/repository/sha1.h"
#include "gitops/repository/text_encoding.h"
#include "repository_test_cases.h"
#include "schemas/utf8.h"

namespace lockkeeper {
namespace {

TEST(ObjectId, IsFortyHexadecimalDigits) {
  const std::string hex = "0123456789abcdefABCDEF0123456789abcdef09";
  auto id = ParseObjectId(hex);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->Hex(), "0123456789abcdefabcdef0123456789abcdef09");
  EXPECT_FALSE(ParseObjectId(hex.substr(1)));
  EXPECT_FALSE(ParseObjectId(hex + "0"));
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    const bool digit = std::string_view("0123456789abcdefABCDEF").contains(c);
    for (size_t at : {size_t{0}, size_t{1}, size_t{39}}) {
      std::string text = hex;
      text[at] = c;
      EXPECT_EQ(ParseObjectId(text).has_value(), digit) << "byte " << value << " at " << at;
    }
  }
}

TEST(Sha1, KnownValues) {
  auto hash = [](std::string_view text) {
    Sha1 sha1;
    sha1.Update(text);
    return sha1.Finish().Hex();
  };
  EXPECT_EQ(hash(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hash("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hash(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, EqualsLibgit2AtEveryLengthAndSplit) {
  git_libgit2_init();
  std::mt19937 random(1);
  std::string text;
  for (size_t length = 0; length < 300; ++length) {
    git_oid oid;
    ASSERT_EQ(git_odb_hash(&oid, text.data(), text.size(), GIT_OBJECT_BLOB), 0);
    ObjectId expected = ObjectIdFromRaw({reinterpret_cast<const char*>(oid.id), 20});
    EXPECT_EQ(HashObject("blob", text), expected) << length;
    Sha1 split;
    std::string header = "blob " + std::to_string(length);
    split.Update({header.c_str(), header.size() + 1});
    for (size_t at = 0; at < length;) {
      size_t part = std::min<size_t>(1 + random() % 90, length - at);
      split.Update(std::string_view(text).substr(at, part));
      at += part;
    }
    EXPECT_EQ(split.Finish(), expected) << length;
    text += static_cast<char>(random());
  }
  git_libgit2_shutdown();
}

// Plays a delta back, as gitformat-pack describes it.
std::string Apply(std::string_view base, std::string_view delta) {
  size_t at = 0;
  auto byte = [&] { return static_cast<uint8_t>(delta.at(at++)); };
  auto size = [&] {
    size_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      uint8_t part = byte();
      value |= static_cast<size_t>(part & 0x7f) << shift;
      if ((part & 0x80) == 0) return value;
    }
  };
  EXPECT_EQ(size(), base.size());
  size_t expected = size();
  std::string result;
  while (at < delta.size()) {
    uint8_t command = byte();
    if ((command & 0x80) == 0) {
      EXPECT_NE(command, 0);
      result += delta.substr(at, command);
      at += command;
      continue;
    }
    size_t offset = 0;
    size_t length = 0;
    for (unsigned i = 0; i < 4; ++i)
      offset |= (command >> i & 1) != 0 ? static_cast<size_t>(byte()) << (8 * i) : 0;
    for (unsigned i = 0; i < 3; ++i)
      length |= (command >> (4 + i) & 1) != 0 ? static_cast<size_t>(byte()) << (8 * i) : 0;
    result += base.substr(offset, length == 0 ? 0x10000 : length);
  }
  EXPECT_EQ(result.size(), expected);
  return result;
}

TEST(PackFormat, DeltasPlayBack) {
  std::mt19937 random(2);
  auto text = [&](size_t size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>('a' + random() % 2);
    return bytes;
  };
  for (size_t size : std::initializer_list<size_t>{0, 1, 2, 127, 128, 129, 255, 256, 65535, 65536, 65537,
                                                   70000, 0x1000000, 0x1000001, 0x2000000}) {
    std::string base = text(size);
    for (int edit = 0; edit < 4; ++edit) {
      std::string result = base;
      size_t at = size == 0 ? 0 : random() % size;
      if (edit == 1) result.insert(at, text(300));
      if (edit == 2) result.erase(at, 40);
      if (edit == 3) result = text(10) + base;
      EXPECT_EQ(Apply(base, MiddleDelta(base, result)), result) << size << " " << edit;
    }
  }
}

TEST(PackFormat, SizesAndOffsets) {
  EXPECT_EQ(PackEntryHeader(3, 15), "\x3f");
  EXPECT_EQ(PackEntryHeader(3, 16), std::string("\xb0\x01"));
  EXPECT_EQ(PackEntryHeader(2, 5000), std::string("\xa8\xb8\x02"));
  EXPECT_EQ(PackBaseOffset(127), "\x7f");
  EXPECT_EQ(PackBaseOffset(128), std::string("\x80\x00", 2));
  EXPECT_EQ(PackBaseOffset(16511), std::string("\xff\x7f"));
  EXPECT_EQ(PackBaseOffset(16512), std::string("\x80\x80\x00", 3));
}

TEST(TextEncoding, Utf8) {
  for (const char* text :
       {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text));
    EXPECT_EQ(ToUtf8(text), text);
  }
  for (const char* text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x80\x80", "\xed\xa0\x80", "\xe2\x82",
                           "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(IsUtf8(text));
    EXPECT_TRUE(IsUtf8(ToUtf8(text)));
  }
  EXPECT_EQ(ToUtf8("a\xff"
                   "b"),
            "a\xef\xbf\xbd"
            "b");
}

TEST(CommitObject, BytesAreExact) {
  ObjectId tree = *ParseObjectId("4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  ObjectId parent = *ParseObjectId("1111111111111111111111111111111111111111");
  CommitDraft draft = Draft({}, "Subject\n\nBody");
  EXPECT_EQ(*FormatCommit(tree, parent, draft),
            "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent 1111111111111111111111111111111111111111\n"
            "author lockkeeper <lockkeeper@example.com> 1700001000 +0000\n"
            "committer lockkeeper <lockkeeper@example.com> 1700001000 +0000\n\nSubject\n\nBody\n");
  EXPECT_EQ(FormatCommit(tree, ObjectId{}, draft)->find("parent"), std::string::npos);
}

TEST(ObjectIds, Hex) {
  EXPECT_FALSE(ParseObjectId("").has_value());
  EXPECT_FALSE(ParseObjectId(std::string(39, 'a')).has_value());
  EXPECT_FALSE(ParseObjectId(std::string(39, 'a') + "g").has_value());
  EXPECT_EQ(ParseObjectId("ABCDEF7890123456789012345678901234567890")->Hex(),
            "abcdef7890123456789012345678901234567890");
}

}  // namespace
}  // namespace lockkeeper
