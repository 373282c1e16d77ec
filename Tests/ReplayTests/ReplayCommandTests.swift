import ArgumentParser
import Testing

@testable import WeirCommand

struct ReplayCommandTests {
    private let good = ["--trace", "t.csv", "--tenants", "50", "--plan", "free"]

    @Test func defaults() throws {
        let command = try ReplayCommand.parse(good)
        #expect(command.speed == .max)
        #expect(command.concurrency == 32)
        #expect(command.estimate == 256)
        #expect(command.retryFor == 120)
    }

    @Test func speeds() {
        #expect(ReplaySpeed(argument: "max") == .max)
        #expect(ReplaySpeed(argument: "2.5") == .times(2.5))
        #expect(ReplaySpeed.times(10).due(.seconds(20)) == .seconds(2))
        for wrong in ["0", "-1", "fast", "inf", "nan", ""] {
            #expect(ReplaySpeed(argument: wrong) == nil)
        }
    }

    @Test(arguments: [
        (["--tenants", "0"], "--tenants must be from 1 to 100000."),
        (["--concurrency", "0"], "--concurrency must be from 1 to 1024."),
        (["--estimate=-1"], "--estimate must be from 0 to 4503599627370495."),
        (["--limit", "0"], "--limit must be at least 1."),
        (["--retry-for=-1"], "--retry-for must be from 0 to 86400 seconds."),
        (["--run", "a/b"], "--run must be 1 to 64 letters, digits, '-' or '_'."),
        (["--plan", ""], "--plan must be a plan's id, for example free."),
        (["--speed", "fast"], "The value 'fast' is invalid for '--speed <speed>'"),
        (
            ["--kills", "1", "--url", "http://x"],
            "--kills only kills a server that the replay started itself; leave out --url."
        ),
    ])
    func wrongValuesAreNamed(arguments: [String], message: String) {
        do {
            _ = try ReplayCommand.parse(good + arguments)
            Issue.record("accepted")
        } catch {
            #expect(ReplayCommand.message(for: error).contains(message))
        }
    }
}
