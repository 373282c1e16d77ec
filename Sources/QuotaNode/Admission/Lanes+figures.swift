import QuotaEngine
import QuotaModel

extension Lanes {
    /// The figures of the limits of a lane whose cells are armed; what follows the last one says
    /// nothing.
    @inline(__always)
    func figures(
        _ place: Int,
        now: Timestamp,
        steady: Timestamp
    ) -> InlineArray<4, LimitFigures> {
        var figures = InlineArray<4, LimitFigures>(repeating: .unlimited)
        for index in 0..<lanes[place].count {
            switch state(place, index, steady: steady) {
            case .account(let account, let period): figures[index] = LimitFigures(account, period)
            case .slots(let held): figures[index].used = held
            case .bucket(let bucket):
                let cell = lanes[place].cells[index]
                figures[index] = LimitFigures(bucket, self.bucket(cell).rate, now: now)
            case nil: assertionFailure("a limit was judged of which nothing is known")
            }
        }
        return figures
    }
}
