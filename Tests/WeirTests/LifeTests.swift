import Foundation
import QuotaTesting
import ServiceLifecycle
import Testing

@testable import Weir

@Suite("the life of an engine in a data folder")
struct LifeTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
    }

    @Test("what was consumed is there when the folder is opened again")
    func reopens() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            for _ in 0..<3 { _ = try await weir.recordCommand(tenant: "acme") }
        }
        try await Weir.withOpen(folder.options()) { weir in
            let usage = try await weir.usage(of: "acme")
            #expect(usage.limits.first { $0.meter == .apiCalls }?.used == 3)
        }
        #expect(folder.log.lines.filter { $0.contains("warning") }.isEmpty)
    }

    @Test("what was consumed is there after a crash, and no unit is free or doubled")
    func recovers() async throws {
        let weir = try await Weir.open(folder.options())
        try await weir.createTenant("acme")
        for _ in 0..<7 { _ = try await weir.recordCommand(tenant: "acme") }
        await folder.ticker.round()
        for _ in 0..<5 { _ = try await weir.recordCommand(tenant: "acme") }
        try folder.copy(to: "crashed")
        try await Weir.withOpen(folder.options("crashed")) { recovered in
            let usage = try await recovered.usage(of: "acme")
            let limit = try #require(usage.limits.first { $0.meter == .apiCalls })
            #expect(limit.used == 12)
            #expect(limit.suspect == 0)
            #expect(limit.remaining == 988)
        }
        try await weir.close()
    }

    @Test("a folder is open once at a time, in one process too")
    func isLocked() async throws {
        let weir = try await Weir.open(folder.options())
        let error = await #expect(throws: WeirError.self) {
            try await Weir.open(folder.options())
        }
        #expect(error?.code == .folderInUse)
        #expect(error?.message.contains(folder.path) == true)
        try await weir.close()
        let again = try await Weir.open(folder.options())
        try await again.close()
        // A closed engine must not keep the folder, however long it is held.
        withExtendedLifetime(weir) {}
    }

    @Test("one that is dropped without an end lets the folder go, and loses nothing")
    func droppedEngine() async throws {
        func use() async throws {
            let weir = try await Weir.open(folder.options())
            for _ in 0..<3 { _ = try await weir.recordCommand(tenant: "acme") }
        }
        try await use()
        // It goes when its upkeep has noticed, which is soon, and has no instant.
        var next: Weir?
        for _ in 0..<100_000 where next == nil {
            await Task.yield()
            next = try? await Weir.open(folder.options())
        }
        let weir = try #require(next)
        let usage = try await weir.usage(of: "acme")
        #expect(usage.limits[0].used == 3)
        try await weir.close()
    }

    @Test("a folder that can't be made says so")
    func unusable() async throws {
        var options = folder.options()
        options.folder = "/dev/null/data"
        let error = await #expect(throws: WeirError.self) { try await Weir.open(options) }
        #expect(error?.code == .unusableFolder)
        #expect(error?.message.contains("/dev/null/data") == true)
    }

    @Test("a pepper that is missing while there are keys keeps the folder closed, and unlocked")
    func missingPepper() async throws {
        try await Weir.withOpen(folder.options()) { weir in
            try await weir.createTenant("acme")
            _ = try await weir.createKey(tenant: "acme", name: "first")
        }
        let pepper = folder.path + "/pepper-1"
        let secret = try Data(contentsOf: URL(fileURLWithPath: pepper))
        try FileManager.default.removeItem(atPath: pepper)
        let error = await #expect(throws: WeirError.self) {
            try await Weir.open(folder.options())
        }
        #expect(error?.message.contains("pepper-1 is missing") == true)
        try secret.write(to: URL(fileURLWithPath: pepper))
        try await Weir.withOpen(folder.options()) { _ in }
    }

    @Test("a closed engine answers nothing, and closes twice without harm")
    func closed() async throws {
        let weir = try await Weir.open(folder.options())
        try await weir.close()
        try await weir.close()
        await #expect(throws: WeirError.closed) { try await weir.recordCommand(tenant: "acme") }
        await #expect(throws: WeirError.closed) { try await weir.checkQuota(tenant: "acme") }
        await #expect(throws: WeirError.closed) { try await weir.verifyKey("wk_live_1") }
        #expect(throws: WeirError.closed) { try weir.getCacheStats() }
        try await weir.run()
    }

    @Test("withOpen closes the folder whatever its body does")
    func bodyThrows() async throws {
        struct Mishap: Error {}
        await #expect(throws: Mishap.self) {
            try await Weir.withOpen(folder.options()) { weir in
                _ = try await weir.recordCommand(tenant: "acme")
                throw Mishap()
            }
        }
        try await Weir.withOpen(folder.options()) { weir in
            let usage = try await weir.usage(of: "acme")
            #expect(usage.limits[0].used == 1)
        }
    }

    @Test("closes although the task is cancelled")
    func cancelled() async throws {
        let folder = folder
        let task = Task {
            try await Weir.withOpen(folder.options()) { weir in
                _ = try await weir.recordCommand(tenant: "acme")
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        try await task.value
        try await Weir.withOpen(folder.options()) { weir in
            let usage = try await weir.usage(of: "acme")
            #expect(usage.limits[0].used == 1)
        }
        #expect(folder.log.lines.filter { $0.contains("warning") }.isEmpty)
    }

    @Test("as a service it is open until its group shuts down")
    func service() async throws {
        struct Work: Service {
            let weir: Weir
            let isDone: AsyncStream<Never>.Continuation

            func run() async throws {
                for _ in 0..<3 { _ = try await weir.recordCommand(tenant: "acme") }
                isDone.finish()
                try await gracefulShutdown()
                // It stops before the engine, which comes first in the list.
                _ = try await weir.recordCommand(tenant: "acme")
            }
        }
        let weir = try await Weir.open(folder.options())
        let (work, isDone) = AsyncStream.makeStream(of: Never.self)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: weir), .init(service: Work(weir: weir, isDone: isDone))],
                logger: folder.log.logger))
        async let running: Void = group.run()
        for await _ in work {}
        await group.triggerGracefulShutdown()
        try await running
        await #expect(throws: WeirError.closed) { try await weir.recordCommand(tenant: "acme") }
        try await Weir.withOpen(folder.options()) { weir in
            let usage = try await weir.usage(of: "acme")
            #expect(usage.limits[0].used == 4)
        }
    }

    @Test(
        "a service whose disk has failed ends its group with the reason", arguments: [true, false])
    func broken(failsBefore: Bool) async throws {
        let weir = try await Weir.open(folder.options())
        if failsBefore {
            weir.failure.set("the journal failed: gone")
            let error = await #expect(throws: WeirError.self) {
                try await weir.recordCommand(tenant: "acme")
            }
            #expect(error?.code == .broken, "nothing is decided any more")
        }
        async let running: Void = weir.run()
        if !failsBefore { weir.failure.set("the journal failed: gone") }
        do {
            try await running
            Issue.record("the service went on")
        } catch let error as WeirError {
            #expect(error.code == .broken)
            #expect(error.message.contains("the journal failed: gone"))
        }
        #expect(folder.log.lines.contains { $0.contains("nothing more can be decided") })
    }

    @Test("a cache of nothing and a negative time are refused before anything is opened")
    func options() async throws {
        var small = folder.options()
        small.cacheSize = 0
        var negative = folder.options()
        negative.cacheTTL = .seconds(-1)
        for (options, field) in [(small, "cacheSize"), (negative, "cacheTTL")] {
            let error = await #expect(throws: WeirError.self) { try await Weir.open(options) }
            #expect(error?.code == .invalid)
            #expect(error?.field == field)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
}
