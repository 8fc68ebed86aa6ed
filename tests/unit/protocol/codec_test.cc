#include "nbreplay/protocol/codec.h"

#include <gtest/gtest.h>

#include "unit/protocol/samples.h"

namespace nbreplay::protocol {
namespace {

TEST(Codec, ReturnsEveryRequestAsItWasSent) {
  for (const Request& request : samples<Request>()) {
    Decoder decoder;
    decoder.feed(encode(request));
    const auto decoded = decoder.next_request();
    ASSERT_TRUE(decoded) << decoded.error().cause;
    ASSERT_TRUE(*decoded);
    EXPECT_TRUE(same(request, **decoded)) << "request " << request.index();
  }
}

TEST(Codec, ReturnsEveryMessageAsItWasSent) {
  for (const Message& message : samples<Message>()) {
    Decoder decoder;
    decoder.feed(encode(message));
    const auto decoded = decoder.next_message();
    ASSERT_TRUE(decoded) << decoded.error().cause;
    ASSERT_TRUE(*decoded);
    EXPECT_TRUE(same(message, **decoded)) << "message " << message.index();
  }
}

TEST(Codec, HasAWireFormThatDoesNotDependOnTheMachine) {
  const RunCell request{1, 2, "", "x"};
  EXPECT_EQ(encode(Request(request)),
            std::string("\x12\0\0\0\x02\x01\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0x\0", 23));
}

TEST(Codec, KeepsTheOrderOfMessagesThatArriveTogether) {
  Decoder decoder;
  decoder.feed(encode(Message(Note{"first"})) + encode(Message(Sync{})) +
               encode(Message(Note{"second"})));
  EXPECT_EQ(std::get<Note>(decoder.next_message().value().value()).text, "first");
  EXPECT_TRUE(std::holds_alternative<Sync>(decoder.next_message().value().value()));
  EXPECT_EQ(std::get<Note>(decoder.next_message().value().value()).text, "second");
  EXPECT_FALSE(decoder.next_message().value());
}

TEST(Codec, PutsMessagesTogetherFromSingleBytes) {
  Message message = Output{};
  Filler().fill(std::get<Output>(message));
  const std::string bytes = encode(message) + encode(message);
  Decoder decoder;
  int found = 0;
  for (char byte : bytes) {
    decoder.feed(std::string_view(&byte, 1));
    const auto decoded = decoder.next_message();
    ASSERT_TRUE(decoded);
    if (!*decoded) continue;
    EXPECT_TRUE(same(message, **decoded));
    ++found;
  }
  EXPECT_EQ(found, 2);
}

TEST(Codec, WaitsForMoreAtEveryTruncation) {
  for (const Message& message : samples<Message>()) {
    const std::string bytes = encode(message);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Decoder decoder;
      decoder.feed(std::string_view(bytes).substr(0, size));
      const auto decoded = decoder.next_message();
      ASSERT_TRUE(decoded);
      EXPECT_FALSE(*decoded) << "message " << message.index() << ", " << size << " bytes";
    }
  }
}

TEST(Codec, KeepsSurrogatesInSources) {
  const std::string wtf8 = "s = '\xed\xa0\x80'";
  Decoder decoder;
  decoder.feed(encode(Request(RunCell{0, 0, "", wtf8})));
  EXPECT_EQ(std::get<RunCell>(decoder.next_request().value().value()).source, wtf8);
}

}  // namespace
}  // namespace nbreplay::protocol
