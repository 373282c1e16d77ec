import NIOCore
import RESPWire
import Testing

@Suite struct RESPParserTests {
    /// Encodings and what they mean.
    static let table: [(wire: String, value: RESPValue)] = [
        ("+OK\r\n", .simple("OK")),
        ("+\r\n", .simple("")),
        (
            "-ERR unknown command 'x'\r\n",
            .error(.init(code: .generic, message: "unknown command 'x'"))
        ),
        (
            "-MOVED 3999 127.0.0.1:6381\r\n",
            .error(.init(code: .moved, message: "3999 127.0.0.1:6381"))
        ),
        ("-NOSCRIPT\r\n", .error(.init(code: .noScript, message: ""))),
        ("-my own words\r\n", .error(.init(code: .init(rawValue: ""), message: "my own words"))),
        (":0\r\n", .integer(0)),
        (":-1\r\n", .integer(-1)),
        (":+7\r\n", .integer(7)),
        (":9223372036854775807\r\n", .integer(.max)),
        (":-9223372036854775808\r\n", .integer(.min)),
        ("$0\r\n\r\n", .text("")),
        ("$5\r\nhello\r\n", .text("hello")),
        ("$4\r\n\r\n\r\n\r\n", .text("\r\n\r\n")),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n:1\r\n*1\r\n$1\r\na\r\n", .array([.integer(1), .array([.text("a")])])),
        ("_\r\n", .null),
        ("#t\r\n", .boolean(true)),
        ("#f\r\n", .boolean(false)),
        (",1.5\r\n", .double(1.5)),
        (",-2e-3\r\n", .double(-0.002)),
        (",10\r\n", .double(10)),
        (",inf\r\n", .double(.infinity)),
        (",-inf\r\n", .double(-.infinity)),
        (
            "(3492890328409238509324850943850943825024385\r\n",
            .bigNumber("3492890328409238509324850943850943825024385")
        ),
        (
            "!21\r\nSYNTAX invalid syntax\r\n",
            .error(.init(code: .init(rawValue: "SYNTAX"), message: "invalid syntax"))
        ),
        (
            "=15\r\ntxt:Some string\r\n",
            .verbatim(RESPVerbatim(format: "txt", text: ByteBuffer("Some string")))
        ),
        ("=4\r\nmkd:\r\n", .verbatim(RESPVerbatim(format: "mkd", text: ByteBuffer("")))),
        ("~2\r\n+a\r\n#t\r\n", .set([.simple("a"), .boolean(true)])),
        ("%0\r\n", .map([])),
        (
            "%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n_\r\n",
            .map([
                RESPMapEntry(.simple("a"), .integer(1)),
                RESPMapEntry(.simple("b"), .array([.null])),
            ])
        ),
        (">2\r\n+invalidate\r\n_\r\n", .push([.simple("invalidate"), .null])),
        ("|1\r\n+ttl\r\n:3600\r\n+after\r\n", .simple("after")),
        ("*2\r\n|1\r\n+a\r\n*1\r\n:0\r\n:1\r\n:2\r\n", .array([.integer(1), .integer(2)])),
        ("|0\r\n:5\r\n", .integer(5)),
    ]

    /// Encodings that are none, and a part of what is said of them.
    static let faults: [(wire: String, message: String)] = [
        ("hello\r\n", "no value begins"),
        ("\r\n", "line"),
        (":\r\n", "an integer"),
        (":1.5\r\n", "an integer"),
        (":9223372036854775808\r\n", "an integer"),
        (":1\n", "carriage return"),
        ("\n", "carriage return"),
        ("$-2\r\n", "a length"),
        ("$abc\r\n", "a length"),
        ("$67108865\r\n", "67108865 bytes"),
        ("$3\r\nhello\r\n", "longer than was declared"),
        ("$?\r\n", "streamed"),
        ("*?\r\n", "streamed"),
        (";4\r\nabcd\r\n", "streamed"),
        ("*9223372036854775807\r\n", "elements"),
        ("%1000000\r\n", "elements"),
        ("*1048576\r\n*1\r\n", "elements"),
        ("_x\r\n", "a null"),
        ("#x\r\n", "a boolean"),
        (",0x10\r\n", "a double"),
        (",\r\n", "a double"),
        ("(12a\r\n", "a big number"),
        ("(-\r\n", "a big number"),
        ("=3\r\ntxt\r\n", "verbatim"),
        ("=5\r\ntxt;a\r\n", "verbatim"),
        ("~-1\r\n", "-1"),
        ("*1\r\n>1\r\n+a\r\n", "push"),
    ]

    @Test("each type is read as the specification says", arguments: table)
    func types(wire: String, value: RESPValue) throws {
        #expect(try parse(wire) == [value])
    }

    @Test("not a number is read")
    func notANumber() throws {
        guard case .double(let value) = try parse(",nan\r\n").first else {
            Issue.record("no double")
            return
        }
        #expect(value.isNaN)
    }

    @Test("what is not RESP is refused, and stays refused", arguments: faults)
    func refusals(wire: String, message: String) {
        var parser = RESPParser()
        parser.append(ByteBuffer(wire))
        let first = #expect(throws: RESPProtocolError.self) {
            while try parser.next() != nil {}
        }
        #expect(first?.message.contains(message) == true, "\(String(describing: first))")
        parser.append(ByteBuffer("+OK\r\n"))
        let second = #expect(throws: RESPProtocolError.self) { try parser.next() }
        #expect(second == first)
    }

    @Test("the bounds hold")
    func bounds() throws {
        var limits = RESPLimits()
        limits.depth = 3
        limits.lineBytes = 8
        limits.elements = 4
        limits.bulkBytes = 4
        #expect(try parse("*1\r\n*1\r\n*1\r\n:1\r\n", limits: limits).count == 1)
        #expect(try parse("*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", limits: limits).count == 1)
        #expect(try parse("+12345678\r\n$4\r\nabcd\r\n", limits: limits).count == 2)
        // The count begins again with each reply.
        #expect(try parse("*1\r\n:1\r\n*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", limits: limits).count == 2)
        for wire in [
            "*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "*5\r\n", "*1\r\n*4\r\n", "%3\r\n", "$5\r\n",
            "+123456789\r\n", "+12345678901234",
        ] {
            #expect(throws: RESPProtocolError.self, "\(wire)") {
                try parse(wire, limits: limits)
            }
        }
    }

    @Test("bytes of a bulk string are not copied")
    func slices() throws {
        var buffer = ByteBuffer("$3\r\nabc\r\n")
        let before = buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) + 4 }
        var parser = RESPParser()
        parser.append(buffer)
        let bytes = try #require(try parser.next()?.bytes)
        #expect(bytes.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == before)
        buffer.clear()
    }

    @Test("a number is read from strings too, and a member by its name")
    func accessors() throws {
        let map = try #require(try parse("%2\r\n+a\r\n$2\r\n12\r\n$1\r\nb\r\n#t\r\n").first)
        #expect(map.member("a")?.integer == 12)
        #expect(map.member("b")?.integer == 1)
        #expect(map.member("c") == nil)
        let pairs = try #require(try parse("*2\r\n$1\r\na\r\n:3\r\n").first)
        #expect(pairs.member("a")?.integer == 3)
    }
}
