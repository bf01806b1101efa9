"""Writes likeness.tsv: Tanimoto coefficients of count fingerprints of well-known molecules by RDKit.

    pip install rdkit numpy && python make_golden.py

The first lines are the SMILES strings, `#` before RDKit's version; then one line per pair: the places of both, and the
coefficients of circular (radius 2), feature-circular (radius 2) and atom-pair counts, all unfolded.
"""
import rdkit
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator as generators
from rdkit.DataStructs import TanimotoSimilarity

SMILES = """
CC(=O)Oc1ccccc1C(=O)O CC(C)Cc1ccc(cc1)C(C)C(=O)O CC(=O)Nc1ccc(O)cc1 COc1ccc2cc(ccc2c1)C(C)C(=O)O Cn1cnc2c1c(=O)n(C)c(=O)n2C
Cn1c(=O)c2[nH]cnc2n(C)c1=O CN1CCC[C@H]1c1cccnc1 CN1CC[C@]23c4c5ccc(O)c4O[C@H]2[C@@H](O)C=C[C@H]3[C@H]1C5
NCCc1ccc(O)c(O)c1 NCCc1c[nH]c2ccc(O)cc12 NCCc1c[nH]cn1 CC(C)NCC(O)COc1cccc2ccccc12 CC(C)NCC(O)COc1ccc(CC(N)=O)cc1
CN(C)CCCN1c2ccccc2CCc2ccccc21 CN(C)CCCN1c2ccccc2Sc2ccc(Cl)cc21 CNCCC(Oc1ccc(C(F)(F)F)cc1)c1ccccc1 CN1CCN(CC1)C1=Nc2cc(Cl)ccc2Nc2ccccc21
CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21 Clc1ccccc1C1=NCC(=O)Nc2ccc(cc21)[N+](=O)[O-] CC1=C(C(=O)OC)C(c2ccccc2[N+](=O)[O-])C(C(=O)OC)=C(C)N1
CN(C)C(=N)NC(N)=N NC(=N)NC(N)=N Nc1ccc(cc1)S(=O)(=O)N Nc1ccc(cc1)S(=O)(=O)Nc1ncccn1 Cc1cc(NS(=O)(=O)c2ccc(N)cc2)no1
COc1cc(Cc2cnc(N)nc2N)cc(OC)c1OC Nc1nc(N)c2nc(CNc3ccc(cc3)C(=O)NC(CCC(=O)O)C(=O)O)cnc2n1 Nc1nc2ncc(CNc3ccc(cc3)C(=O)NC(CCC(=O)O)C(=O)O)nc2c(=O)[nH]1
CC1(C)SC2C(NC(=O)Cc3ccccc3)C(=O)N2C1C(=O)O CC1(C)SC2C(NC(=O)C(N)c3ccc(O)cc3)C(=O)N2C1C(=O)O O=C(O)c1cn(C2CC2)c2cc(N3CCNCC3)c(F)cc2c1=O
CC1COc2c(N3CCN(C)CC3)c(F)cc3c2n1cc(C(=O)O)c3=O CC(=O)NCC1CN(C(=O)O1)c1ccc(N2CCOCC2)c(F)c1 OC(C(NC(=O)C(Cl)Cl)CO)c1ccc(cc1)[N+](=O)[O-]
NC1CC(N)C(OC2OC(CN)C(O)C(O)C2N)C(O)C1OC1OC(CO)C(O)C(N)C1O NCC1OC(OC2C(N)CC(N)C(O)C2O)C(N)C(O)C1O OC1C(O)C(CO)OC(O)C1N NC1CC(N)C(O)C(O)C1O
CN(C)C1C(O)=C(C(N)=O)C(=O)C2(O)C1CC1C(=C2O)C(=O)c2c(O)cccc2C1(C)O Nc1ncnc2c1ncn2C1OC(CO)C(O)C1O Nc1nc2c(ncn2C2OC(CO)C(O)C2O)c(=O)[nH]1
O=c1ccn(C2OC(CO)C(O)C2O)c(=O)[nH]1 Nc1ccn(C2OC(CO)C(O)C2O)c(=O)n1 Cc1cn(C2CC(N=[N+]=[N-])C(CO)O2)c(=O)[nH]c1=O Nc1nc2c(ncn2COCCO)c(=O)[nH]1
Fc1c[nH]c(=O)[nH]c1=O O=c1cc[nH]c(=O)[nH]1 Nc1ncnc2nc[nH]c12 Nc1nc2nc[nH]c2c(=O)[nH]1 Cc1ncc(CO)c(CO)c1O Cc1ncc(C[n+]2csc(CCO)c2C)c(N)n1
Cc1cc2nc3c(=O)[nH]c(=O)nc-3n(CC(O)C(O)C(O)CO)c2cc1C OCC(O)C1OC(=O)C(O)=C1O OC(=O)CCCCC1SCC2NC(=O)NC12 NC(CCCNC(N)=N)C(=O)O NCCCCC(N)C(=O)O
NC(Cc1c[nH]c2ccccc12)C(=O)O NC(Cc1ccccc1)C(=O)O NC(CS)C(=O)O OC(=O)CC(O)(CC(O)=O)C(O)=O CC(O)C(O)=O OCC(O)CO NCCCNCCCCNCCCN NCCCCNCCCN
CC12CCC3C(CCC4=CC(=O)CCC34C)C1CCC2O CC12CCC3c4ccc(O)cc4CCC3C1CCC2O CC(C)CCCC(C)C1CCC2C3CC=C4CC(O)CCC4(C)C3CCC12C CC12CC(O)C3C(CCC4=CC(=O)CCC34C)C1CCC2(O)C(=O)CO
c1ccc2ccccc2c1 c1ccc2cc3ccccc3cc2c1 Nc1c2ccccc2nc2ccccc12 CC[n+]1c(-c2ccccc2)c2cc(N)ccc2c2ccc(N)cc12 NC(=N)c1ccc(OCCCCCOc2ccc(cc2)C(N)=N)cc1
CN1CCN(CC1)c1ccc2[nH]c(nc2c1)-c1ccc2[nH]c(nc2c1)-c1ccc(O)cc1 CC(O)(P(=O)(O)O)P(=O)(O)O ClC(Cl)Cl CCO CO CCCCCC C=C C#C CC#N CS(C)=O
CC(=O)CC(c1ccccc1)c1c(O)c2ccccc2oc1=O COc1cc2c(cc1OC)CC(Cc1ccc(OC)c(OC)c1)N=C2 O=C1CCC(N2C(=O)c3ccccc3C2=O)C(=O)N1 CCN(CC)CCNC(=O)c1ccc(N)cc1
""".split()

circular = generators.GetMorganGenerator(2)
functional = generators.GetMorganGenerator(2, atomInvariantsGenerator=generators.GetMorganFeatureAtomInvGen())
pairs = generators.GetAtomPairGenerator()
molecules = [Chem.MolFromSmiles(smiles) for smiles in SMILES]
assert None not in molecules, [s for s, m in zip(SMILES, molecules) if m is None]
counts = [[g.GetSparseCountFingerprint(m) for g in (circular, functional, pairs)] for m in molecules]
with open("likeness.tsv", "w") as out:
    print("# RDKit", rdkit.__version__, file=out)
    print(*SMILES, sep="\n", file=out)
    for i, one in enumerate(counts):
        for j, other in enumerate(counts[:i]):
            print(j, i, *("%.3f" % TanimotoSimilarity(a, b) for a, b in zip(one, other)), sep="\t", file=out)
