import QuotaLedger
import QuotaModel
import QuotaNode
import QuotaTesting
import Testing

@Suite("verification of keys")
struct KeyVerificationTests {
    private func nodeWithKey(
        isTest: Bool = false
    ) async throws -> (TestNode, key: APIKey, text: String) {
        let test = try await TestNode()
        _ = try await test.node.create(Tenant(id: TestNode.tenant, createdAt: test.clock.now))
        let issued = try await test.node.create(
            NewKey(tenant: TestNode.tenant, name: "prod", isTest: isTest))
        return (test, issued.key, issued.text)
    }

    @Test("a key is recognised by its text", arguments: [false, true])
    func recognised(isTest: Bool) async throws {
        let (test, key, text) = try await nodeWithKey(isTest: isTest)
        let found = try await test.node.authenticate(text)
        #expect(found?.id == key.id)
        #expect(found?.tenant == TestNode.tenant)
        #expect(found?.isTest == isTest)
    }

    @Test("every typing error of one character is rejected before any look-up")
    func typingErrors() async throws {
        let (test, _, text) = try await nodeWithKey()
        let before = test.ledger.keyLookups
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let bytes = Array(text.utf8)
        for place in bytes.indices {
            for digit in digits where digit != bytes[place] {
                var wrong = bytes
                wrong[place] = digit
                let typed = String(decoding: wrong, as: UTF8.self)
                #expect(try await test.node.authenticate(typed) == nil, "place \(place)")
            }
        }
        for place in bytes.indices.dropLast() where bytes[place] != bytes[place + 1] {
            var wrong = bytes
            wrong.swapAt(place, place + 1)
            let typed = String(decoding: wrong, as: UTF8.self)
            #expect(try await test.node.authenticate(typed) == nil, "place \(place)")
        }
        #expect(test.ledger.keyLookups == before)
    }

    @Test(
        "what has not the form of a key is none",
        arguments: ["", "wk_live_", "wk_live__", "Bearer x", "\u{0}", "🙂"])
    func malformed(text: String) async throws {
        let (test, _, _) = try await nodeWithKey()
        #expect(try await test.node.authenticate(text) == nil)
        #expect(try await test.node.authenticate(text + String(repeating: "a", count: 59)) == nil)
    }

    @Test("a well-formed key that another node made is unknown")
    func unknown() async throws {
        let (test, _, _) = try await nodeWithKey()
        let other = try await TestNode(seed: 99)
        _ = try await other.node.create(Tenant(id: TestNode.tenant, createdAt: other.clock.now))
        let foreign = try await other.node.create(NewKey(tenant: TestNode.tenant, name: "prod"))
        #expect(try await test.node.authenticate(foreign.text) == nil)
    }

    @Test("a key expires at its instant, not before")
    func expiry() async throws {
        let test = try await TestNode()
        _ = try await test.node.create(Tenant(id: TestNode.tenant, createdAt: test.clock.now))
        let end = test.clock.now.adding(nanoseconds: 1_000_000_000)
        let text = try await test.node
            .create(
                NewKey(tenant: TestNode.tenant, name: "prod", expiresAt: end)
            )
            .text
        test.clock.set(end.adding(nanoseconds: -1))
        #expect(try await test.node.authenticate(text) != nil)
        test.clock.set(end)
        #expect(try await test.node.authenticate(text) == nil)
    }

    @Test("keys of an old pepper stay valid as long as it is kept, new ones use the newest")
    func peppers() async throws {
        let (test, _, old) = try await nodeWithKey()
        let newer = Pepper(version: 2, secret: Array(repeating: 9, count: 32))
        let both = try await TestNode(
            on: test.memory, clock: test.clock, peppers: [newer, TestNode.pepper], seed: 2)
        #expect(try await both.node.authenticate(old) != nil)
        let new = try await both.node.create(NewKey(tenant: TestNode.tenant, name: "next"))
        let record = await test.memory.key(new.key.id)
        #expect(record?.credential.pepperVersion == 2)
        let onlyNew = try await TestNode(
            on: test.memory, clock: test.clock, peppers: [newer], seed: 3)
        #expect(try await onlyNew.node.authenticate(old) == nil)
        #expect(try await onlyNew.node.authenticate(new.text) != nil)
        let wrong = Pepper(version: 1, secret: Array(repeating: 8, count: 32))
        let stolen = try await TestNode(
            on: test.memory, clock: test.clock, peppers: [wrong], seed: 4)
        #expect(try await stolen.node.authenticate(old) == nil)
    }

    @Test("two keys may share a name, and are two")
    func sameName() async throws {
        let (test, first, firstText) = try await nodeWithKey()
        let issued = try await test.node.create(NewKey(tenant: TestNode.tenant, name: "prod"))
        let (second, secondText) = (issued.key, issued.text)
        #expect(first.id != second.id)
        #expect(try await test.node.authenticate(firstText)?.id == first.id)
        #expect(try await test.node.authenticate(secondText)?.id == second.id)
    }
}
