@testable import LedgerPostgres
import QuotaLedger
import QuotaModel
import Synchronization
import Testing

@Suite("News between nodes")
struct NewsTests {
    @Test("come back as they went, and not to who told them")
    func texts() {
        let news: [LedgerNews] = [
            .tenant(TenantID(trusted: "a}{b 😀")), .directory,
            .key(publicID: "abc", tenant: TenantID(trusted: "acme")),
            .key(publicID: "def", tenant: nil),
            .recall(AccountKey(tenant: TenantID(trusted: "acme"), limit: "tenant:ai_tokens/month")),
        ]
        let texts = NewsText.texts(news, from: "one")
        #expect(texts.count == 1)
        #expect(texts.flatMap { NewsText.news($0, besides: "two") } == news)
        #expect(texts.flatMap { NewsText.news($0, besides: "one") } == [])
    }

    @Test("of many tenants fit into few texts, or say that anything may have changed")
    func many() {
        func tenants(_ count: Int) -> [LedgerNews] {
            (0..<count).map { .tenant(TenantID(trusted: "tenant-\($0)-" + "x".repeated(200))) }
        }
        let some = NewsText.texts(tenants(100), from: "one")
        #expect(some.count > 1)
        #expect(some.allSatisfy { $0.utf8.count < 8_000 })
        #expect(some.flatMap { NewsText.news($0, besides: "two") } == tenants(100))
        let all = NewsText.texts(tenants(10_000), from: "one")
        #expect(all.flatMap { NewsText.news($0, besides: "two") } == [.directory])
    }

    @Test("that this program does not know mean that anything may have changed")
    func unknown() {
        #expect(NewsText.news("two\nsomething\tnew\t1", besides: "one") == [.directory])
        #expect(NewsText.news("", besides: "one") == [])
    }

    @Test("of a change reach the other node, and only one node leads", .needsPostgres)
    func heard() async throws {
        let fleet = try await Fleet([nil, nil], quantity: 10)
        let (heard, other) = (Heard(), Heard())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await fleet.ledgers[0].hear { heard.append($0) }
            }
            group.addTask {
                try await fleet.ledgers[1].hear { other.append($0) }
            }
            // Each begins with what it can't have heard.
            while heard.news.isEmpty || other.news.isEmpty { await Task.yield() }
            #expect(fleet.ledgers.count { $0.isLeader } == 1)
            let account = AccountKey(tenant: Fleet.tenant, limit: "tenant:ai_tokens/month")
            try await fleet.ledgers[1].recall([account])
            try await fleet.ledgers[1]
                .change(
                    .createTenant(
                        Tenant(
                            id: TenantID(trusted: "new"),
                            createdAt: Timestamp(nanoseconds: 0))))
            while heard.news.count < 3 { await Task.yield() }
            #expect(
                heard.news == [
                    .directory, .recall(account), .tenant(TenantID(trusted: "new")),
                ])
            #expect(other.news == [.directory])
            group.cancelAll()
        }
        await fleet.close()
    }
}

/// What was heard so far.
private final class Heard: Sendable {
    private let all = Mutex<[LedgerNews]>([])

    var news: [LedgerNews] { all.withLock { $0 } }

    func append(_ news: LedgerNews) { all.withLock { $0.append(news) } }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
