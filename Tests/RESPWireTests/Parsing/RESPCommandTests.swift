import NIOCore
import RESPWire
import Testing

@Suite struct RESPCommandTests {
    private func wire(_ command: RESPCommand) -> String {
        var buffer = ByteBuffer()
        buffer.writeCommand(command)
        return String(buffer: buffer)
    }

    @Test("a command is an array of bulk strings")
    func encoding() {
        #expect(wire(RESPCommand("PING")) == "*1\r\n$4\r\nPING\r\n")
        var command = RESPCommand("SET", "k", 12, .bytes([0x61]), .buffer(ByteBuffer("é")))
        #expect(
            wire(command)
                == "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n12\r\n$1\r\na\r\n$2\r\né\r\n")
        for number in 0..<6 as Range<Int64> { command.append(number) }
        #expect(wire(command).hasPrefix("*11\r\n"))
        #expect(command.count == 11)
    }

    @Test(
        "integers are written in decimal",
        arguments: [0, 9, 10, -1, -10, 99, 100, 12_345, Int64.max, .min])
    func integers(value: Int64) {
        let text = String(value)
        #expect(
            wire(RESPCommand("A", .integer(value)))
                == "*2\r\n$1\r\nA\r\n$\(text.utf8.count)\r\n\(text)\r\n")
    }

    @Test("a parser reads what was written, for arguments of all lengths")
    func roundTrip() throws {
        for length in 0..<300 {
            let text = String(repeating: "x", count: length)
            #expect(
                try parse(wire(RESPCommand("ECHO", .string(text))))
                    == [.array([.text("ECHO"), .text(text)])])
        }
    }

    @Test("the first key decides the slot")
    func slots() {
        #expect(RESPCommand("PING").slot == nil)
        #expect(RESPCommand("GET", "a", key: "a").slot == .of("a"))
        var command = RESPCommand("MGET")
        command.append(key: "{x}1")
        command.append(key: .bytes(Array("{x}2".utf8)))
        #expect(command.slot == .of("x"))
        #expect(wire(command) == "*3\r\n$4\r\nMGET\r\n$4\r\n{x}1\r\n$4\r\n{x}2\r\n")
    }

    @Test("a script is called by its hash")
    func scripts() {
        // As `printf 'return 1' | sha1sum` says.
        let script = RESPScript("return 1")
        #expect(script.sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        let call = RESPCommand(calling: script, keys: ["k"], arguments: [5])
        #expect(
            wire(call)
                == "*5\r\n$7\r\nEVALSHA\r\n$40\r\n\(script.sha1)\r\n$1\r\n1\r\n$1\r\nk\r\n$1\r\n5\r\n"
        )
        #expect(call.slot == .of("k"))
    }
}
