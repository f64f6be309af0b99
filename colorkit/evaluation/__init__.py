"""How good a colorizer is: metrics, baselines, intervals, the audit by skin tone, and people as judges.

A module is imported when one of its names is first used: counting votes needs no Keras.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["vividness", "votes"],
    submod_attrs={
        "audit": ["Grouping", "Measured", "audit_report", "own_color_errors", "spread_over_groups"],
        "baselines": [
            "BASELINES",
            "Grey",
            "Levin",
            "MeanColor",
            "MeanColorGivenL",
            "OneTrueColor",
            "fit_baselines",
        ],
        "booth": ["Booth", "MORE_COLORFUL", "vote_by_rule"],
        "comparison": ["Compared", "MEASURES", "Predictor", "evaluate", "measure", "references"],
        "fid_kid": ["color_features", "fid", "inception_features", "kid"],
        "hint_curve": ["Hinted", "PUBLISHED_PSNR", "measure_hint_curve"],
        "metrics": ["RULES", "auc", "chroma", "mse", "skill", "threshold_accuracy"],
        "perception": ["ciede2000", "colorfulness", "delta_e", "psnr", "ssim"],
        "robustness": ["error_growth", "errors_on_plates"],
        "statistics": ["bootstrap", "compare_errors", "variance_components", "wilson"],
        "vividness": ["Scaled"],
        "votes": ["Vote"],
    },
)
