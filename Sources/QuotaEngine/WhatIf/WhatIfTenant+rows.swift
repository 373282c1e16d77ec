package import QuotaModel

/// A row of recorded use that tells one posting.
package struct WhatIfEvent {
    package let at: Timestamp
    package let id: UnsafeBufferPointer<UInt8>
    package let meter: UnsafeBufferPointer<UInt8>
    package let key: UnsafeBufferPointer<UInt8>
    package let model: UnsafeBufferPointer<UInt8>
    package let units: Int64

    package init(
        at: Timestamp,
        id: UnsafeBufferPointer<UInt8>,
        meter: UnsafeBufferPointer<UInt8>,
        key: UnsafeBufferPointer<UInt8>,
        model: UnsafeBufferPointer<UInt8>,
        units: Int64
    ) {
        self.at = at
        self.id = id
        self.meter = meter
        self.key = key
        self.model = model
        self.units = units
    }
}

/// A row of recorded use that sums up an hour.
package struct WhatIfHour {
    package let hour: Timestamp
    package let meter: UnsafeBufferPointer<UInt8>
    package let key: UnsafeBufferPointer<UInt8>
    package let model: UnsafeBufferPointer<UInt8>
    package let units: Int64
    package let postings: Int64

    package init(
        hour: Timestamp,
        meter: UnsafeBufferPointer<UInt8>,
        key: UnsafeBufferPointer<UInt8>,
        model: UnsafeBufferPointer<UInt8>,
        units: Int64,
        postings: Int64
    ) {
        self.hour = hour
        self.meter = meter
        self.key = key
        self.model = model
        self.units = units
        self.postings = postings
    }
}

// Rows as stores have them: names are bytes that hold during the call only.
extension WhatIfTenant {
    /// Whether an hour is over at an instant, so that its sums come before what happened then.
    package static func isOver(hour: Timestamp, at instant: Timestamp) -> Bool {
        hour.adding(nanoseconds: hourNanoseconds) <= instant
    }

    /// Takes the next event; they come in the order of instant, id and meter.
    package mutating func take(_ event: WhatIfEvent) {
        refusals.rows += 1
        guard let meter = meters.number(of: event.meter) else { return }
        let isCorrection =
            event.units <= 0 || event.id.starts("a_") || event.id.starts("a.")
        let isSummed = event.at.nanoseconds < plan.eventsFrom[meter]
        if isSummed, !isCorrection { return }
        let charge = Charge(
            meter: meter, key: number(ofKey: event.key), model: number(ofModel: event.model),
            units: event.units)
        if isCorrection { return correct(charge, at: event.at, isSummed: isSummed) }
        if event.at != requestAt
            || !requestID.withUnsafeBufferPointer({ $0.hasSameBytes(as: event.id) })
        {
            judge()
            requestAt = event.at
            requestID.removeAll(keepingCapacity: true)
            requestID.append(contentsOf: event.id)
        }
        charges.append(charge)
    }

    /// Takes the sum of the next hour; they come in the order of the hours, each before the events
    /// that follow its end.
    package mutating func take(_ hour: WhatIfHour) {
        refusals.rows += 1
        guard let meter = meters.number(of: hour.meter),
            hour.hour.nanoseconds < plan.eventsFrom[meter]
        else { return }
        judge()
        let charge = Charge(
            meter: meter, key: number(ofKey: hour.key), model: number(ofModel: hour.model),
            units: hour.units)
        let units = uncorrected(charge, hour: hour.hour)
        judge(charge, units: units, postings: max(1, hour.postings), at: hour.hour)
    }

    /// Judges what is gathered still.
    package mutating func finish() {
        judge()
    }

    /// The number of a key; −1 for use without one, or where keys need not be told apart.
    private mutating func number(ofKey key: UnsafeBufferPointer<UInt8>) -> Int {
        guard plan.tellsKeys, !(key.count == 8 && key.starts("_service")) else { return -1 }
        return keys.insert(key)
    }

    /// The number of a model; −1 for one that the plan does not name.
    private mutating func number(ofModel model: UnsafeBufferPointer<UInt8>) -> Int {
        if models.count == 0 { return -1 }
        return models.number(of: model) ?? -1
    }

    /// What is left of an hour's sum without its corrections.
    private mutating func uncorrected(_ charge: Charge, hour: Timestamp) -> Int64 {
        guard correctedHour == hour, !corrections.isEmpty else { return charge.units }
        let place = WhatIfHourPlace(meter: charge.meter, key: charge.key, model: charge.model)
        guard let correction = corrections[place] else { return charge.units }
        // Where keys and models are not told apart, several rows share a correction.
        let part = correction > 0 ? min(correction, max(0, charge.units)) : correction
        corrections[place] = correction - part
        return charge.units.subtractingClamped(part)
    }
}
