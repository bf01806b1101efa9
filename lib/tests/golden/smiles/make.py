"""Writes verdicts.tsv: strings, and whether RDKit reads them as SMILES (syntax alone, without sanitising).

    pip install rdkit && python make.py > verdicts.tsv

The first line names the version of RDKit. `yes` and `no` are its verdicts.
"""

import rdkit
from rdkit import Chem, RDLogger

RDLogger.DisableLog("rdApp.*")

ORGANIC = """
C CC CCO C=C C#N C$C C~C C:C C-C C/C C\\C CCl CBr CI CF CP CS CB BrCCl ClC(Cl)Cl N O S P F I Cl Br B
c1ccccc1 c1ccncc1 c1ccoc1 c1ccsc1 c1cc[nH]c1 c1ccpcc1 c1ccbcc1 C1=CC=CC=C1 c1ccccc1-c1ccccc1
CC(=O)Oc1ccccc1C(=O)O Cn1cnc2c1c(=O)n(C)c(=O)n2C C(C)(C)C C(C(C(C))) C(=O) C(#N) C(=O)(O) C((C))C C((C)C) CC((C)) C(C)=C
CC(C)Cc1ccc(cc1)C(C)C(=O)O OC(=O)CC(O)(C(=O)O)C(=O)O NCC(=O)O C1CC1 C1CCCCC1 C1CC2CCC1C2 C12C3C4C1C5C2C3C45
*C * C* C(*)C [*]C [*:1]CC[*:2] *1CC1 CC.O C.C.C O.O.O [Na+].[Cl-] C1.C1 c1ccccc1.Cl
"""

BRACKETS = """
[C] [CH4] [CH3]C [13CH4] [2H]C [2H][2H] [H][H] [H+] [H-] [OH-] [OH3+] [NH4+] [N+](C)(C)(C)C [O-] [O--] [O-2] [Fe+2] [Fe++] [Fe+++]
[Ti+4] [Co+3] [Cu+] [Zn+2] [C-]#[O+] [C@H](O)(N)C N[C@@H](C)C(=O)O N[C@](F)(Cl)Br N[C@@](F)(Cl)Br N[C@TH1](F)(Cl)Br
N[C@TH2](F)(Cl)Br C=[C@AL1]=C F[Co@OH1](Cl)(Br)(I)(N)O F[Pt@SP1](Cl)(Br)I F[Pt@SP3](Cl)(Br)I S[As@TB1](F)(Cl)(Br)N
F[Co@OH30](Cl)(Br)(I)(N)O S[As@TB20](F)(Cl)(Br)N [CH3:1]C [CH3:12]C [C:0] [C@H:3](O)(N)C [13C@H](O)(N)C [238U] [235UH4] [U] [W] [Og] [Lr]
[se]1cccc1 [te]1cccc1 [as]1ccccc1 [si]1ccccc1 [nH]1cccc1 [n+]1ccccc1 [o+]1ccccc1 [c-]1cccc1 [b]1ccccc1 [p]1ccccc1 [s]1cccc1 [cH]1ccccc1
[#6] [#6H4] [#7+] [#6]=[#8] [13#6] [#0] [#118] [#119] [#999] [#] [#6@H](O)(N)C [#6H3:1]C [#6-]
[D] [D]C [T] [Xx] [Zz] [R] [R1] [Q] [A] [a] [X] [cl] [br] [CL] [fe] [C+-] [C-+] [C+1] [C-1] [C+15] [C++++] [C+99] [C--3] [CH] [CHH] [CH0] [CH1] [CH9] [CH10] [HC] [H2]
[] [1] [13] [+] [-] [@] [:1] [C [C]] [[C]] [C[ C] [C@@@] [C@@@H] [C@H@] [CH@] [C:] [C:a] [C:-1] [C:1:2] [C H] [C(C)] [C=C] [C;H] [C,N] [!C] [C&H] [$(C)] [0C] [00C] [1000C]
['Uuo'] [Uuo] [Rf] [Cn] [Nh] [Fl] [Mc] [Lv] [Ts]
"""

RINGS = """
C1CCCCC1 C0CC0 C%10CC%10 C%01CC%01 C%00CC%00 C1CC%01 C%99CC%99 C%(1)CC%(1) C%(10)CC%(10) C%(100)CC%(100) C%(999)CC%(999) C%(12345)CC%(12345)
C%(99999)CC%(99999) C%(100000)CC%(100000) C%(0)CC%(0) C%(1)CC1 C%(10)CC%10 C%(001)CC1 C%()CC C%(1CC C%(a)CC %(1)CC C%1CC%1 C%1 C% CC% C%a1 C%1a
C12CC12 C12CCC12 C123CC123 C1CC C1CC1C1CC1 C12CC1C2 C11 C1C1 C1CC2 C1C2C1C2 1CC1 (1)CC C1(CC1) C(1)CC1 C=1CCCCC=1 C=1CCCCC1 C1CCCCC=1 C=1CCCCC#1 C-1CCCCC=1 C=1CCCCC-1
C/1=C/CCCCCC1 C1=CC=CC=C1 C$1CC$1 C:1CC:1 C~1CC~1 C->1CC1 C<-1CC1 C1CC->1 C1.C1 C1.C2.C1.C2 C1CCC(.C)CC1 C1CCCC1C1 C1(C2)CC12 C123CC1C2C3 C1-1 C==1CC1
"""

BONDS = """
C->C C<-C N->[Fe] [Fe]<-N [Fe]<-N(C)C O->[Mg+2]<-O C(->[Fe])N C(<-N)C C->->C C-><-C ->C C-> C<- <-C C- C= C# C$ C: C~ C/ C\\ -C =C #C C=-C C-=C C==C C--C
C=(C) C(=)C C(-)C C=() C(=C)=C C=.C C.=C C-.C C/C=C/C C\\C=C\\C F/C=C/F F/C=C\\F F\\C=C/F F/C(Cl)=C/F C//C C/\\C C>C C>>C C>O>C C<C C!C C@C C@@C C&C C%C C^C C`C C'C C"C C?C C;C C,C C{C} C_C
C<C> C><C C-C- C-(C) C-(C)C C(-C)C C(=C)C C(/C)=C C:c c:c c-c c=c cc c1cccc1 c1ccccc1c
"""

BRANCHES = """
() C() C()C (C) (C)C ((C)) C(C C(C( CC) C)C C)(C C((C) C(C)) C(C)(C) (C(C)) C(()) C(()C) C(.) C(.C) C(C.)C C(.C)C C.(C) (C).C .C C. C..C C...C . .. C.C. C(C)(C)(C)(C)(C)C C(C)1CC1 C1(C)CC1
"""

LETTERS = """
A D E G H J K L M Q R T U V W X Y Z a d e f g h i j k l m q r t u v w x y z CA CD CE CX Cx Cl1CC1 CLC Sn Sc Cn Co Hg Na Si NaCl CC1CCa é C\u00e9 C\u00b7C C日
cl1ccccc1 br C0 00 CC0 se as te c c1 n o s p b [CH2]=[CH2] [ C] C1CC1( O=C=O N#N [O]=[O] CC%10CCC%10 F.F Br.Br S(=O)(=O)(O)O P(=O)(O)(O)O OS(=O)(=O)O
"""

strings = []
for text in (ORGANIC, BRACKETS, RINGS, BONDS, BRANCHES, LETTERS):
    for word in text.split():
        if word not in strings:
            strings.append(word)

print(f"# RDKit {rdkit.__version__}")
for string in strings:
    print(string, "no" if Chem.MolFromSmiles(string, sanitize=False) is None else "yes", sep="\t")
