#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "nbreplay/base/utf8.h"
#include "nbreplay/protocol/codec.h"

#include "unit/protocol/samples.h"

namespace nbreplay::protocol {
namespace {

using testing::HasSubstr;

std::string little_endian(std::uint32_t number) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>((number >> (8 * i)) & 0xff);
  return bytes;
}

std::string frame(unsigned char tag, const std::string& payload) {
  return little_endian(static_cast<std::uint32_t>(payload.size())) + static_cast<char>(tag) +
         payload;
}

template <class M>
unsigned char tag_of(const M& message) {
  return static_cast<unsigned char>(encode(Message(message))[kHeaderSize - 1]);
}

/// What the decoder says of a frame; empty when it takes it.
std::string complaint(const std::string& bytes) {
  Decoder decoder;
  decoder.feed(bytes);
  const auto decoded = decoder.next_message();
  if (decoded) return "";
  EXPECT_EQ(decoded.error().code, ErrorCode::kProtocol);
  return decoded.error().cause;
}

TEST(Decoder, RefusesPayloadsCutAtAnyByte) {
  for (const Message& message : samples<Message>()) {
    const std::string bytes = encode(message);
    for (std::size_t size = kHeaderSize; size < bytes.size(); ++size) {
      const auto tag = static_cast<unsigned char>(bytes[kHeaderSize - 1]);
      EXPECT_THAT(complaint(frame(tag, bytes.substr(kHeaderSize, size - kHeaderSize))),
                  HasSubstr("ends too early"));
    }
  }
}

TEST(Decoder, RefusesBytesAfterTheEnd) {
  for (const Message& message : samples<Message>()) {
    const std::string bytes = encode(message);
    const auto tag = static_cast<unsigned char>(bytes[kHeaderSize - 1]);
    EXPECT_THAT(complaint(frame(tag, bytes.substr(kHeaderSize) + "x")),
                HasSubstr("1 bytes after the message's end"));
  }
}

TEST(Decoder, RefusesUnknownTags) {
  for (int tag = 0; tag < 256; ++tag) {
    const int index = tag - kFirstMessageTag;
    if (index >= 0 && index < static_cast<int>(std::variant_size_v<Message>)) continue;
    EXPECT_THAT(complaint(frame(static_cast<unsigned char>(tag), "")), HasSubstr("unknown"));
  }
}

TEST(Decoder, DoesNotTakeARequestForAMessage) {
  EXPECT_THAT(complaint(encode(Request(Finish{}))), HasSubstr("unknown message tag 0x05"));
}

TEST(Decoder, RefusesAHugeFrameBeforeItArrives) {
  EXPECT_THAT(complaint(little_endian(0xffffffffU) + 'A'), HasSubstr("4294967295 bytes"));
  EXPECT_EQ(complaint(little_endian(static_cast<std::uint32_t>(kMaxFrame.count)) + 'A'), "");
}

TEST(Decoder, RefusesAListThatIsLongerThanAllowed) {
  const auto length = static_cast<std::uint32_t>(kMaxElements + 1);
  EXPECT_THAT(complaint(frame(tag_of(CellFactsReply{}), little_endian(length))),
              HasSubstr("200001 elements"));
}

TEST(Decoder, DoesNotReserveWhatAListOnlyClaims) {
  EXPECT_THAT(complaint(frame(tag_of(CellFactsReply{}), little_endian(kMaxElements))),
              HasSubstr("ends too early"));
}

TEST(Decoder, RefusesAStringLengthBeyondThePayload) {
  EXPECT_THAT(complaint(frame(tag_of(Note{}), little_endian(0xfffffffeU) + "abc")),
              HasSubstr("ends too early"));
}

TEST(Decoder, RefusesEnumerationsAndTruthValuesOutOfRange) {
  EXPECT_THAT(complaint(frame(tag_of(Output{}), std::string("\x06") + std::string(12, '\0'))),
              HasSubstr("value 6 of an enumeration"));
  EXPECT_THAT(complaint(frame(tag_of(Requirement{}), std::string(8, '\0') + '\x02')),
              HasSubstr("truth value"));
}

TEST(Decoder, StaysBrokenAfterAnError) {
  Decoder decoder;
  decoder.feed(frame(0, ""));
  EXPECT_FALSE(decoder.next_message());
  decoder.feed(encode(Message(Sync{})));
  EXPECT_FALSE(decoder.next_message());
}

TEST(Decoder, ReplacesWhatIsNotUtf8InMessages) {
  Decoder decoder;
  decoder.feed(encode(Message(Note{"a\xff\xed\xa0\x80z"})));
  const std::string text = std::get<Note>(decoder.next_message().value().value()).text;
  EXPECT_EQ(find_invalid_utf8(text), std::string::npos);
  EXPECT_EQ(text.front(), 'a');
  EXPECT_EQ(text.back(), 'z');
}

TEST(Decoder, SurvivesRandomDamage) {
  std::mt19937 random(20240229);
  const std::vector<Message> messages = samples<Message>();
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = encode(messages[random() % messages.size()]);
    for (unsigned flips = 0; flips <= random() % 4; ++flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    Decoder decoder;
    decoder.feed(bytes);
    const auto decoded = decoder.next_message();
    if (!decoded || !*decoded) continue;
    // What it takes it must be able to send again.
    Decoder second;
    second.feed(encode(**decoded));
    EXPECT_TRUE(same(**decoded, second.next_message().value().value()));
  }
}

}  // namespace
}  // namespace nbreplay::protocol
