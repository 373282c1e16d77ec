import QuotaModel
import Testing

@testable import Webhooks

@Suite("How long a vetted address counts")
struct VettingsTests {
    private func vetted(_ name: String) throws -> VettedTarget {
        VettedTarget(target: try WebhookTarget("https://\(name)/"), addresses: [IPAddress(v4: 1)])
    }

    @Test("it counts for less than a minute, and not for a clock that was set back")
    func minute() throws {
        let one = try vetted("one")
        var vettings = Vettings()
        vettings.keep(one, now: Timestamp(seconds: 1_000))
        for (seconds, isKnown) in [(1_000, true), (1_059, true), (1_060, false), (999, false)] {
            let found = vettings.recent(one.target, now: Timestamp(seconds: Int64(seconds)))
            #expect(found == (isKnown ? one : nil), "\(seconds)")
        }
        #expect(vettings.recent(try vetted("two").target, now: Timestamp(seconds: 1_000)) == nil)
    }

    @Test("their number is bounded")
    func bounded() throws {
        var vettings = Vettings()
        for number in 0..<3_000 {
            vettings.keep(try vetted("host\(number)"), now: Timestamp(seconds: Int64(number / 100)))
        }
        #expect(vettings.count <= Vettings.capacity)
    }
}
