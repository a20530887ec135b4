/// How long a job takes the workers, and how far such statements were off lately.
package struct ComputeEstimate: Hashable, Sendable {
    /// One product's share.
    package struct Share: Hashable, Sendable {
        package let product: BillableProduct
        package let amount: Gigapixels
        package let seconds: Double
    }

    package let shares: [Share]
    /// The device whose history it is from; nil while nothing was measured.
    package let device: String?
    /// Median of how far the latest estimates were off the truth, in per cent; nil while nothing was measured.
    package let errorPercentage: Double?

    /// Seconds of all workers together, at least 1.
    package var seconds: Int { max(1, Int(shares.reduce(0) { $0 + $1.seconds }.rounded(.up))) }
}

/// What this server's own finished jobs have shown on one device.
package struct ComputeHistory: Hashable, Sendable {
    package var device: String?
    /// Seconds for each gigapixel.
    package var rates: [BillableProduct: Double]
    package var errorPercentage: Double?

    package init(device: String? = nil, rates: [BillableProduct: Double] = [:], errorPercentage: Double? = nil) {
        self.device = device
        self.rates = rates
        self.errorPercentage = errorPercentage
    }

    /// By the measured rates where there are any, else by the default ones.
    package func estimate(_ work: JobWork) -> ComputeEstimate {
        ComputeEstimate(
            shares: work.items.map { item in
                let rate = rates[item.product] ?? Self.defaultRate(of: item.product)
                return ComputeEstimate.Share(product: item.product, amount: item.amount, seconds: rate * item.amount.double)
            }, device: device, errorPercentage: errorPercentage)
    }

    /// Seconds for each gigapixel before anything was measured: orders of magnitude for a device of about 10 TFLOPS and a
    /// processor of eight cores, that the first finished job replaces.
    package static func defaultRate(of product: BillableProduct) -> Double {
        switch product {
        case .dvres2, .dvres, .vfi, .faceForward: 20
        case .deint, .pabsr1, .dejit, .denoise: 10
        case .motionInterpolate: 30
        case .infiniteHDR, .inverseToneMap, .toneMap, .scale, .prescale, .filmGrain, .gradFun: 2
        case .yadif, .bwdif, .weston3F, .hqdn3D, .frameBlend: 3
        case .crop, .fps: 0.5
        case .hevc: 40
        case .h264: 15
        case .mpeg2, .xdcam, .ffv1, .proRes, .dnxhd, .dnxhr: 10
        }
    }
}
