import NIOCore
@testable import RESPWire
import Testing

@Suite struct HandshakeTests {
    private static let endpoint = RESPEndpoint(host: "h", port: 1)

    private static func words(_ command: RESPCommand) -> [String?] {
        var buffer = ByteBuffer()
        buffer.writeCommand(command)
        return (try? parse([buffer]).first?.array?.map(\.string)) ?? []
    }

    private static func sent(_ step: Handshake.Step) -> [String?] {
        if case .send(let command) = step { words(command) } else { ["no command: \(step)"] }
    }

    private static let hello = RESPValue.map([
        RESPMapEntry(.text("version"), .text("7.0.15")),
        RESPMapEntry(.text("proto"), .integer(3)),
        RESPMapEntry(.text("mode"), .text("cluster")),
        RESPMapEntry(.text("role"), .text("replica")),
    ])

    @Test("HELLO brings the user, the name and RESP3 at once")
    func three() {
        var handshake = Handshake(
            endpoint: Self.endpoint, username: "u", password: "p", name: "n")
        #expect(
            Self.words(handshake.first) == ["HELLO", "3", "AUTH", "u", "p", "SETNAME", "n"])
        #expect(Self.sent(handshake.received(Self.hello)) == ["INFO", "server"])
        let step = handshake.received(.text("# Server\r\nredis_mode:x\r\nrun_id:abc\r\n"))
        guard case .ready(let info) = step else {
            Issue.record("not ready: \(step)")
            return
        }
        #expect(info.protocolVersion == 3)
        #expect(info.version == "7.0.15")
        #expect(info.mode == .cluster)
        #expect(!info.isMaster)
        #expect(info.runID == "abc")
    }

    @Test("a server that knows no HELLO is spoken to in RESP2")
    func two() {
        var handshake = Handshake(
            endpoint: Self.endpoint, password: "p", name: "n", database: 2)
        let unknown = RESPValue.error(.init(line: "ERR unknown command 'HELLO'"))
        #expect(Self.sent(handshake.received(unknown)) == ["AUTH", "p"])
        #expect(Self.sent(handshake.received(.simple("OK"))) == ["CLIENT", "SETNAME", "n"])
        #expect(Self.sent(handshake.received(.simple("OK"))) == ["INFO", "server"])
        let info = RESPValue.text("redis_version:5.0.14\r\nredis_mode:standalone\r\nrun_id:x\r\n")
        #expect(Self.sent(handshake.received(info)) == ["ROLE"])
        #expect(
            Self.sent(handshake.received(.array([.text("master")]))) == ["SELECT", "2"])
        guard case .ready(let found) = handshake.received(.simple("OK")) else {
            Issue.record("not ready")
            return
        }
        #expect(found.protocolVersion == 2)
        #expect(found.version == "5.0.14")
        #expect(found.isMaster)
    }

    @Test("a refusal is told in words, without the password")
    func refusals() {
        for (line, text) in [
            ("WRONGPASS invalid username-password pair", "refused the password (WRONGPASS)"),
            ("NOAUTH HELLO must be called with…", "NOAUTH"),
            ("NOPERM no", "NOPERM no"),
        ] {
            var handshake = Handshake(endpoint: Self.endpoint, password: "secret")
            guard case .failed(let error) = handshake.received(.error(.init(line: line))) else {
                Issue.record("not failed")
                continue
            }
            #expect(error.message.contains(text))
            #expect(error.message.contains("h:1"))
            #expect(!error.message.contains("secret"))
        }
    }

    @Test("a user who may not ask for the run id goes without")
    func noInfo() {
        var handshake = Handshake(endpoint: Self.endpoint)
        _ = handshake.received(Self.hello)
        guard case .ready(let info) = handshake.received(.error(.init(line: "NOPERM no"))) else {
            Issue.record("not ready")
            return
        }
        #expect(info.runID == nil)
    }

    @Test("a cluster has no other database than 0")
    func clusterDatabase() {
        var handshake = Handshake(endpoint: Self.endpoint, database: 1)
        _ = handshake.received(Self.hello)
        guard case .failed(let error) = handshake.received(.text("")) else {
            Issue.record("not failed")
            return
        }
        #expect(error.message.contains("database 0"))
    }
}
