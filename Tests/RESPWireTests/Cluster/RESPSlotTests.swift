import RESPWire
import Testing

@Suite struct RESPSlotTests {
    @Test("slots are those of the specification and of a server")
    func known() {
        // The check value of the specification is 0x31C3; the others are CLUSTER KEYSLOT's.
        #expect(RESPSlot.of("123456789").rawValue == 0x31C3)
        #expect(RESPSlot.of("").rawValue == 0)
        #expect(RESPSlot.of("foo").rawValue == 12_182)
        #expect(RESPSlot.of("somekey").rawValue == 11_058)
    }

    @Test(
        "a hash tag stands for the key",
        arguments: [
            ("{user1000}.following", "user1000"), ("{user1000}.followers", "user1000"),
            ("foo{bar}{zap}", "bar"), ("foo{{bar}}zap", "{bar"), ("a{b}c", "b"),
        ])
    func tags(key: String, tag: String) {
        #expect(RESPSlot.of(key) == RESPSlot.of(tag))
        #expect(RESPSlot.of(Array(key.utf8)) == RESPSlot.of(tag))
    }

    @Test("an empty tag, and one without an end, is none", arguments: ["foo{}{bar}", "foo{bar"])
    func noTags(key: String) {
        #expect(RESPSlot.of(key) != RESPSlot.of("bar"))
        #expect(RESPSlot.of(key) != RESPSlot.of(""))
    }

    @Test("there are 16,384")
    func range() {
        #expect(RESPSlot(rawValue: 16_383) != nil)
        #expect(RESPSlot(rawValue: 16_384) == nil)
    }
}
