import QuotaTesting

extension ManualClock {
    /// Moves the clock on.
    func advanceSeconds(_ seconds: Int64) { advance(by: .seconds(seconds)) }
}
