import Testing

@testable import WeirServer

@Suite("room for connections")
struct FileLimitTests {
    @Test("files that are open besides connections are left room")
    func room() {
        #expect(FileLimit.room(for: 10_000, files: 1_048_576) == 10_000)
        #expect(FileLimit.room(for: 10_000, files: 10_200) == 10_000)
        #expect(FileLimit.room(for: 10_000, files: 10_199) == 9_999)
        #expect(FileLimit.room(for: 10_000, files: 1_024) == 824)
        #expect(FileLimit.room(for: 10_000, files: 64) == 1)
        #expect(FileLimit.room(for: 5, files: 1_024) == 5)
    }
}
