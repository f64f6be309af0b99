"""Measure how good a colorizer is.

Here are metrics, baselines, intervals, the audit by skin tone, and people as judges.

A module is imported when one of its names is first used: counting votes needs no Keras.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["vividness", "votes"],
    submod_attrs={
        "audit": ["AuditReport", "Grouping", "audit_report", "own_color_errors"],
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
        "comparison": [
            "Compared",
            "Evaluated",
            "MEASURES",
            "Predictor",
            "evaluate",
            "measure",
            "references",
        ],
        "fid_kid": ["color_features", "fid", "inception_features", "kid"],
        "groups": ["Measured", "Spread", "spread_over_groups"],
        "hint_curve": ["HintPoint", "Hinted", "PUBLISHED_PSNR", "measure_hint_curve"],
        "metrics": [
            "RULES",
            "auc",
            "chroma",
            "mse",
            "rebalanced_auc",
            "skill",
            "threshold_accuracy",
        ],
        "perception": [
            "ciede2000",
            "colorfulness",
            "colorfulness_ratio",
            "delta_e",
            "psnr",
            "ssim",
        ],
        "robustness": ["ErrorGrowth", "PlateChange", "error_growth", "errors_on_plates"],
        "statistics": ["Estimate", "bootstrap", "compare_errors", "variance_components", "wilson"],
        "vividness": ["Scaled"],
        "votes": ["Vote"],
    },
)
