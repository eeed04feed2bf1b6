#include <bit>
#include <cmath>
#include <limits>

#include "io/part_file.hpp"
#include "io/run_identity.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;
using namespace greenfront::io;

namespace {

Part sample() {
    return {"0123456789abcdef0123456789abcdef",
            "avx2",
            {1, 12},
            {{1.5, -0.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::denorm_min()},
             {"", "refused: \"why\"\n", "\xE7\xBB\xBF"}}};
}

}  // namespace

TEST_CASE("a part comes back bit for bit") {
    const Part written = sample();
    const Part read = decode_part(encode_part(written), "x.part");
    CHECK(read.run_id == written.run_id);
    CHECK(read.instruction_set == written.instruction_set);
    CHECK(read.name == written.name);
    CHECK(read.content.texts == written.content.texts);
    REQUIRE(read.content.values.size() == written.content.values.size());
    for (std::size_t i = 0; i < written.content.values.size(); ++i) {
        CHECK(std::bit_cast<std::uint64_t>(read.content.values[i]) ==
              std::bit_cast<std::uint64_t>(written.content.values[i]));
    }
    const Part empty = decode_part(encode_part({written.run_id, "", {0, 0}, {}}), "x.part");
    CHECK(empty.content.values.empty());
    CHECK(empty.content.texts.empty());
}

TEST_CASE("the layout of a part is that of docs/formats/parts.md") {
    const std::string bytes = encode_part(sample());
    CHECK(bytes.substr(0, 8) == "\x89GFPART\n");
    CHECK(bytes.substr(8, 8) == std::string("\1\0\0\0\0\0\0\0", 8));
    CHECK(static_cast<std::size_t>(static_cast<unsigned char>(bytes[16])) == bytes.size());
    CHECK(bytes.substr(24, 32) == sample().run_id);
    CHECK(bytes[56] == 1);   // sweep
    CHECK(bytes[64] == 12);  // block
    CHECK(bytes[72] == 4);   // "avx2"
    CHECK(bytes.substr(80, 4) == "avx2");
    CHECK(bytes[84] == 4);  // numbers
    CHECK(bytes[92] == 3);  // texts
    CHECK(bytes.substr(100, 8) == std::string("\0\0\0\0\0\0\xF8\x3F", 8));
    CHECK(bytes.size() == 100 + 4 * 8 + 3 * 8 + 0 + 15 + 3 + 16);
}

TEST_CASE("every truncation, every flipped bit and every byte behind the end of a part is refused") {
    const std::string bytes = encode_part(sample());
    const auto refused = [](const std::string& damaged) {
        return message_of(Fault::data, [&] { (void)decode_part(damaged, "folder/x.part"); });
    };
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const std::string message = refused(bytes.substr(0, length));
        CHECK(contains(message, "folder/x.part: is truncated"));
        CHECK(contains(message, "remove the file"));
    }
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
        std::string damaged = bytes;
        damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << (i % 8)));
        CHECK(contains(refused(damaged), "folder/x.part: "));
    }
    CHECK(contains(refused(bytes + '\0'), "bytes behind its end"));
    CHECK(contains(refused("a,b\n1,2\n"), "is not a part"));
    std::string flipped = bytes;
    flipped[110] ^= 1;
    CHECK(contains(refused(flipped), "is damaged"));
    std::string newer = bytes;
    newer[8] = 2;
    CHECK(contains(refused(newer), "has format version 2, this program reads 1"));
}

TEST_CASE("a part of another run or under another name is refused") {
    const TemporaryFolder folder;
    const std::string path = folder.write("sweep-1-block-12.part", encode_part(sample()));
    CHECK(read_part(path, {1, 12}, sample().run_id).content.values.size() == 4);
    const std::string other(32, 'f');
    const auto foreign = message_of(Fault::data, [&] { (void)read_part(path, {1, 12}, other); });
    CHECK(contains(foreign, "another run: its run id is " + sample().run_id + ", this run's is " + other));
    const auto moved = message_of(Fault::data, [&] { (void)read_part(path, {1, 13}, sample().run_id); });
    CHECK(contains(moved, "holds block 12 of sweep 1"));
}

TEST_CASE("the name of a part names its block, and nothing else does") {
    CHECK(part_file_name({0, 12}) == "sweep-0-block-12.part");
    for (const BlockName name : {BlockName{0, 0}, BlockName{3, 1234567890123}})
        CHECK(read_part_file_name(part_file_name(name)) == name);
    for (const char* other : {"sweep-0-block-1.part.17-0.tmp", "sweep-0-block-.part", "sweep-00-block-1.part",
                              "sweep-0-block-+1.part", "block-1.part", "", "identity.txt"})
        CHECK_FALSE(read_part_file_name(other));
}

TEST_CASE("the first difference of two runs has a name and both values") {
    const std::string study =
        "panel: aa\nversion of the plan: 1\nname = \"s\"\n\n[dea.eff]\nmodel = "
        "\"sbm\"\n\n[[sweep.a.levers]]\n"
        "high = 15.0\n\n[[sweep.a.levers]]\nhigh = 1.0\n";
    const auto changed = [&](const std::string& old, const std::string& text) {
        std::string other = study;
        other.replace(other.rfind(old), old.size(), text);
        return first_difference(study, other);
    };
    CHECK(changed("panel: aa", "panel: bb") == "panel is aa there and bb here");
    CHECK(changed("\"sbm\"", "\"radial\"") == "dea.eff.model is \"sbm\" there and \"radial\" here");
    CHECK(changed("1.0", "2.0") == "sweep.a.levers.1.high is 1.0 there and 2.0 here");
    CHECK(changed("[[sweep.a.levers]]\nhigh = 1.0\n", "") == "sweep.a.levers.1 stands there only");
    CHECK(changed("name = ", "seed = 2\nname = ") == "seed stands here only");
}
